namespace AttentionOperator.Inference.Engine;

/// <summary>Counts how requests ended while the engine drained.</summary>
internal sealed class DrainTally
{
    private readonly List<string> retryable = [];
    private readonly List<string> interrupted = [];
    private int finished;

    public bool Active { get; set; }

    public void Finish()
    {
        if (Active) finished++;
    }

    public void Interrupt(GenerationWork work) => (work.Announced ? interrupted : retryable).Add(work.Id);

    public DrainReport Report() => new(finished, [.. retryable], [.. interrupted]);
}
