using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Routing;

/// <summary>How requests for one AttentionModel are placed. Immutable but for its place in the weighted sequence.</summary>
internal sealed class ModelRoute
{
    private readonly WeightedSequence? _sequence;
    private readonly ImmutableArray<RevisionRoute> _weighted;
    private readonly int _totalWeight;

    /// <param name="ns">Namespace.</param>
    /// <param name="name">Name.</param>
    /// <param name="spec">The model's spec.</param>
    /// <param name="revisions">In the order of <c>status.traffic</c>, then what has endpoints but no traffic.</param>
    /// <param name="previous">Where the weights did not change, its place in the sequence goes on: pods that come and go must not bend the split.</param>
    public ModelRoute(string ns, string name, AttentionModelSpec spec, ImmutableArray<RevisionRoute> revisions, ModelRoute? previous = null)
    {
        Key = new ObjectKey(ns, name);
        Namespace = ns;
        Name = name;
        Spec = spec;
        Revisions = revisions;
        _weighted = [.. revisions.Where(r => r.Weight > 0)];
        _totalWeight = _weighted.Sum(r => r.Weight);
        if (_totalWeight == 0) return;
        _sequence = previous?._sequence is { } sequence && Weights(_weighted).SequenceEqual(Weights(previous._weighted)) ? sequence : new WeightedSequence([.. _weighted.Select(r => r.Weight)]);
    }

    public ObjectKey Key { get; }

    public string Namespace { get; }

    public string Name { get; }

    public AttentionModelSpec Spec { get; }

    public ImmutableArray<RevisionRoute> Revisions { get; }

    /// <summary>The revision that is being rolled out; null when none is.</summary>
    public string? InRollout { get; init; }

    /// <summary>Requests that one replica works on at once; what is more waits at the gateway.</summary>
    public int SlotsPerEndpoint => Math.Max(1, Spec.Batching.MaxSequences);

    public RevisionRoute? Find(string revision) => Revisions.FirstOrDefault(r => r.Revision == revision);

    /// <summary>True when some revision with weight could serve now.</summary>
    public bool HasEndpoints => _weighted.Any(r => r.HasEndpoints);

    /// <summary>True where no replica runs because nobody asked for the model: a request is what starts one, so it is worth waiting for.</summary>
    public bool IsAsleep => !HasEndpoints && Spec.Scaling is { MinReplicas: 0 };

    /// <summary>
    /// The revision of the next request: the named one, the sticky caller's, or whose turn it is. Where that one has no ready endpoint, the
    /// heaviest that has: traffic never goes to what is not ready, and never fails while something serves. Null when nothing serves.
    /// </summary>
    /// <param name="asked">Revision that the caller named; any revision with endpoints may be named, also at weight 0 (preview).</param>
    /// <param name="stickyKey">What identifies a sticky caller; null places by turn.</param>
    public RevisionRoute? Choose(string? asked, string? stickyKey)
    {
        if (asked is not null) return Revisions.FirstOrDefault(r => r.Revision == asked && r.HasEndpoints);
        if (_sequence is null) return null;
        var chosen = _weighted[stickyKey is null ? _sequence.Next() : StickyIndex(stickyKey)];
        if (chosen.HasEndpoints) return chosen;
        return _weighted.Where(r => r.HasEndpoints).MaxBy(r => r.Weight);
    }

    private static IEnumerable<(string, int)> Weights(ImmutableArray<RevisionRoute> revisions) => revisions.Select(r => (r.Revision, r.Weight));

    /// <summary>
    /// A caller's point on [0, total weight) does not move, and revisions are laid out in the order of <c>status.traffic</c> (stable first): a growing
    /// canary takes callers over one way only.
    /// </summary>
    private int StickyIndex(string key)
    {
        var point = (int)(XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(key)) % (uint)_totalWeight);
        for (var i = 0; i < _weighted.Length; i++)
        {
            point -= _weighted[i].Weight;
            if (point < 0) return i;
        }

        return 0;
    }
}
