using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Gateway.Routing;

/// <summary>How requests for one AttentionModel are placed. Immutable but for its place in the weighted sequence.</summary>
internal sealed class ModelRoute
{
    private readonly WeightedSequence? _sequence;
    private readonly int _totalWeight;

    public ModelRoute(string ns, string name, AttentionModelSpec spec, ImmutableArray<RevisionRoute> revisions)
    {
        Namespace = ns;
        Name = name;
        Spec = spec;
        Revisions = revisions;
        _totalWeight = revisions.Sum(r => r.Weight);
        if (_totalWeight > 0) _sequence = new WeightedSequence([.. revisions.Select(r => r.Weight)]);
    }

    public string Namespace { get; }

    public string Name { get; }

    public AttentionModelSpec Spec { get; }

    public ImmutableArray<RevisionRoute> Revisions { get; }

    /// <summary>True when some revision with weight could serve now.</summary>
    public bool HasEndpoints => Revisions.Any(r => r.Weight > 0 && r.HasEndpoints);

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
        var chosen = Revisions[stickyKey is null ? _sequence.Next() : StickyIndex(stickyKey)];
        if (chosen.HasEndpoints) return chosen;
        return Revisions.Where(r => r.Weight > 0 && r.HasEndpoints).MaxBy(r => r.Weight);
    }

    /// <summary>
    /// A caller's point on [0, total weight) does not move, and revisions are laid out in the order of <c>status.traffic</c> (stable first): a growing
    /// canary takes callers over one way only.
    /// </summary>
    private int StickyIndex(string key)
    {
        var point = (int)(XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(key)) % (uint)_totalWeight);
        for (var i = 0; i < Revisions.Length; i++)
        {
            point -= Revisions[i].Weight;
            if (point < 0) return i;
        }

        return 0;
    }
}
