using System.Collections.Concurrent;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;

namespace AttentionOperator.Reconciliation;

/// <summary>
/// Remembers passes that changed nothing. A plan is a function of its inputs and the time, so while the inputs are the same and the time at which
/// the plan wanted to look again has not come, the next pass would change nothing either, and need not be made. It is only a memory of this process: after a restart every
/// model is passed over in full.
/// </summary>
internal sealed class SettledPasses
{
    private readonly ConcurrentDictionary<ObjectKey, Entry> entries = new();

    public int Count => entries.Count;

    /// <summary>The result of the pass over these inputs where it is known to change nothing; else null.</summary>
    public ReconcileResult? Repeat(ObjectKey key, PassInputs inputs, DateTimeOffset now)
    {
        if (!entries.TryGetValue(key, out var entry) || now < entry.At || now >= entry.Until || !inputs.AreSame(entry.Inputs, entry.PodsMatter || inputs.PodsTell))
        {
            return null;
        }

        if (!ReferenceEquals(inputs.Model, entry.Inputs.Model))
        {
            // What is remembered must not keep superseded versions in memory.
            entries[key] = entry with { Inputs = inputs };
        }

        return entry.Result.Outcome == ReconcileOutcome.Waiting ? ReconcileResult.Waiting(entry.Until - now, entry.Result.Reason) : entry.Result;
    }

    /// <param name="key">The model.</param>
    /// <param name="inputs">What the pass was made from.</param>
    /// <param name="podsMatter">Whether the plan saw the pods.</param>
    /// <param name="result">Its result.</param>
    /// <param name="now">The time that it was made for.</param>
    public void Remember(ObjectKey key, PassInputs inputs, bool podsMatter, ReconcileResult result, DateTimeOffset now) =>
        entries[key] = new Entry(podsMatter ? inputs : inputs with { Pods = [] }, podsMatter, result, now, result.Outcome == ReconcileOutcome.Waiting ? now + result.Delay : DateTimeOffset.MaxValue);

    public void Forget(ObjectKey key) => entries.TryRemove(key, out _);

    // A clock that was set back makes the time before At unknown again.
    private sealed record Entry(PassInputs Inputs, bool PodsMatter, ReconcileResult Result, DateTimeOffset At, DateTimeOffset Until);
}
