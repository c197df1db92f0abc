using System.Runtime.InteropServices;
using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Inference.Sampling;

/// <summary>What sampling remembers of one request: which ids occurred. Kept only where a penalty asks for it.</summary>
internal sealed class SamplingState
{
    private readonly HashSet<int>? context;
    private readonly Dictionary<int, int>? occurrences;

    public SamplingState(SamplingParameters parameters, long seed)
    {
        Parameters = parameters;
        Seed = seed;
        if (parameters.RepetitionPenalty != 1) context = [];
        if (parameters.FrequencyPenalty != 0 || parameters.PresencePenalty != 0) occurrences = [];
    }

    public SamplingParameters Parameters { get; }

    public long Seed { get; }

    public bool Greedy => Parameters.Temperature == 0;

    /// <summary>True where the row of logits stays as it is.</summary>
    public bool LeavesLogits =>
        context is null && occurrences is null && Parameters.LogitBias is null && Parameters.NoRepeatNgramSize == 0 && Greedy;

    public void AddPrompt(ReadOnlySpan<int> ids)
    {
        if (context is null) return;
        foreach (var id in ids) context.Add(id);
    }

    public void AddOutput(int id)
    {
        context?.Add(id);
        if (occurrences is not null) CollectionsMarshal.GetValueRefOrAddDefault(occurrences, id, out _)++;
    }

    public void ApplyPenalties(Span<float> logits)
    {
        if (context is not null)
            foreach (var id in context)
                if ((uint)id < (uint)logits.Length) LogitProcessors.RepetitionPenalty(logits, id, Parameters.RepetitionPenalty);
        if (occurrences is not null)
            foreach (var (id, count) in occurrences)
                LogitProcessors.OccurrencePenalty(logits, id, count, Parameters.FrequencyPenalty, Parameters.PresencePenalty);
        if (Parameters.LogitBias is { } bias)
            foreach (var (id, value) in bias)
                if ((uint)id < (uint)logits.Length) logits[id] += value;
    }
}
