using System.Collections.Immutable;
using AttentionOperator.Demand;

namespace AttentionOperator.Scaling;

/// <summary>
/// How many replicas each revision's own queue asks for, so that an overloaded canary is seen beside an idle stable revision. Immutable. A short mean keeps one
/// sample from counting; the greatest mean of the last while keeps the number from going up and down.
/// </summary>
internal sealed record QueuePressure(ImmutableDictionary<string, ImmutableList<QueuePressure.Sample>> Revisions)
{
    public static readonly QueuePressure None = new(ImmutableDictionary<string, ImmutableList<Sample>>.Empty);

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    public QueuePressure With(ModelDemand demand, DateTimeOffset now)
    {
        var names = demand.Revisions.Select(revision => revision.Hash).Concat((demand.Pods ?? []).Select(pod => pod.Revision)).Concat(Revisions.Keys).Distinct(StringComparer.Ordinal);
        var next = Revisions;
        foreach (var name in names)
        {
            var samples = Revisions.GetValueOrDefault(name, []).RemoveAll(old => now - old.At > Long || old.At > now);
            if (demand.IsComplete)
            {
                var queue = DemandMetrics.QueueOf(demand, name);
                var recent = samples.Where(old => now - old.At <= Short).Select(old => (decimal)old.Queue).Append(queue).ToList();
                // One look alone is no mean.
                samples = samples.Add(new Sample(now, queue, recent.Count < 3 ? 0 : recent.Average()));
            }

            next = samples.Count == 0 ? next.Remove(name) : next.SetItem(name, samples);
        }

        return new QueuePressure(next);
    }

    /// <param name="perReplica">Waiting requests per replica that scaling aims at.</param>
    public IReadOnlyDictionary<string, int> Wanted(decimal perReplica) => Revisions
        .Select(entry => (Name: entry.Key, Replicas: (int)Math.Min(int.MaxValue, Math.Ceiling(entry.Value.Max(sample => sample.Mean) / perReplica))))
        .Where(entry => entry.Replicas > 0)
        .ToDictionary(entry => entry.Name, entry => entry.Replicas, StringComparer.Ordinal);

    internal readonly record struct Sample(DateTimeOffset At, long Queue, decimal Mean);
}
