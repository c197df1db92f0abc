using AttentionOperator.Inference.Memory;

namespace AttentionOperator.Inference.Engine;

/// <summary>Counts computations that failed, and gives up where nothing can be computed any more.</summary>
internal sealed class StepFaults(EngineCounters counters, Action<Exception>? told, int most, string unit)
{
    private int lostInARow;

    public void Report(Exception exception)
    {
        counters.StepFailed(MemoryFailure.Is(exception));
        told?.Invoke(exception);
    }

    /// <summary>Something was computed, or would have been: the engine is sound.</summary>
    public void Sound() => lostInARow = 0;

    /// <summary>Nothing was computed, and it was not one request's fault. Throws where that has happened too often.</summary>
    public void Lost(Exception exception, MemoryShortage? shortage)
    {
        if (++lostInARow < most) return;
        var last = shortage is null ? exception.Message : $"{shortage} {exception.Message}";
        throw new InvalidOperationException($"{lostInARow} {unit} failed in a row; the last one: {last}", exception);
    }
}
