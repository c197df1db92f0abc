using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Memory;

/// <summary>
/// Lowers the token budget of a revision whose memory ran out: activations grow with the tokens of a step, so half of them need about half. Pure. It is bounded, kept in the status, and ends
/// with the revision: a spec that changes what runs makes another one.
/// </summary>
internal static class MemoryRelief
{
    /// <summary>Halvings; what does not fit in a quarter has another cause.</summary>
    public const int MaxSteps = 2;

    private const int Least = 256;

    /// <param name="before">The last status of the revision; null: memory never ran out.</param>
    /// <param name="revision">Revision hash.</param>
    /// <param name="snapshot">What the revision says.</param>
    /// <param name="seen">Pods of the revision whose memory ran out.</param>
    /// <returns>The new status, the old instance where nothing new happened.</returns>
    public static MemoryReliefStatus? Next(MemoryReliefStatus? before, string revision, RevisionSnapshot snapshot, IEnumerable<MemoryExhaustion> seen)
    {
        var configured = snapshot.Limits.MaxBatchTokens;
        var current = before?.MaxBatchTokens ?? configured;

        // Pods that started with a greater budget say nothing about this one.
        if (seen.Where(found => (found.MaxBatchTokens ?? configured) == current).MaxBy(found => found.At ?? DateTime.MinValue) is not { } last
            || (before is not null && last.At <= before.At))
        {
            return before;
        }

        var steps = before?.Steps ?? 0;
        var lower = Math.Max(current / 2, Floor(snapshot));
        var lowers = steps < MaxSteps && lower < current;
        return new MemoryReliefStatus
        {
            Revision = revision,
            MaxBatchTokens = lowers ? lower : current,
            Steps = lowers ? steps + 1 : steps,
            At = last.At,
            Reason = last.Reason,
            Message = last.Message,
        };
    }

    /// <summary>What runs under a relief.</summary>
    public static RevisionSnapshot Apply(RevisionSnapshot snapshot, MemoryReliefStatus? relief) =>
        relief is null || relief.MaxBatchTokens == snapshot.Limits.MaxBatchTokens ? snapshot : snapshot with { Limits = snapshot.Limits with { MaxBatchTokens = relief.MaxBatchTokens } };

    /// <summary>For people: what happened, what was done about it, and what is left to do.</summary>
    public static string Describe(MemoryReliefStatus relief, int configured)
    {
        var done = relief.MaxBatchTokens < configured
            ? $"limits.maxBatchTokens is lowered from {configured} to {relief.MaxBatchTokens} for revision {relief.Revision} (step {relief.Steps} of {MaxSteps}) until the spec changes what runs"
            : $"limits.maxBatchTokens {configured} cannot be lowered";
        return $"{relief.Message}; {done}; raise resources.memory, or lower limits or batching";
    }

    // An encoder computes an input in one step.
    private static int Floor(RevisionSnapshot snapshot) => snapshot.Task is ModelTask.Embed or ModelTask.Classify or ModelTask.Rerank
        ? snapshot.Limits.MaxInputTokens ?? snapshot.Limits.MaxBatchTokens
        : Math.Min(Least, snapshot.Limits.MaxBatchTokens);
}
