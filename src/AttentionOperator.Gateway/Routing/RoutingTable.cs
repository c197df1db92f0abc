using System.Collections.Concurrent;
using System.Collections.Immutable;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Routing;

/// <summary>
/// All routes by every name that clients may use. One writer changes it route by route, so that a change costs what its route costs, however many
/// others there are; readers take no lock.
/// </summary>
/// <param name="home">Namespace whose models win a plain name that several namespaces use.</param>
internal sealed class RoutingTable(string home)
{
    private readonly ConcurrentDictionary<ObjectKey, ModelRoute> _routes = new();
    private readonly ConcurrentDictionary<string, NameEntry> _names = new(StringComparer.Ordinal);

    public IEnumerable<ModelRoute> Routes => _routes.Select(r => r.Value);

    public ModelRoute? Get(ObjectKey key) => _routes.GetValueOrDefault(key);

    public RouteLookup Find(string name)
    {
        // A new model's name is entered after its route, a removed one's before: a name always leads to a route that is there.
        if (!_names.TryGetValue(name, out var entry)) return default;
        return entry.Winner is { } winner ? new RouteLookup(Get(winner), []) : new RouteLookup(null, [.. entry.Claims.Select(c => c.Key.ToString()).Distinct().Order(StringComparer.Ordinal)]);
    }

    /// <summary>Replaces or (null) removes one route. Not thread-safe against itself.</summary>
    internal void Set(ObjectKey key, ModelRoute? route)
    {
        var before = _routes.TryGetValue(key, out var old) ? NamesOf(key, old).ToHashSet() : [];
        var after = route is null ? [] : NamesOf(key, route).ToHashSet();
        if (route is not null) _routes[key] = route;
        foreach (var (name, rank) in before.Except(after)) Claim(name, claims => claims.Remove(new NameClaim(key, rank)));
        foreach (var (name, rank) in after.Except(before)) Claim(name, claims => claims.Add(new NameClaim(key, rank)));
        if (route is null) _routes.TryRemove(key, out _);
    }

    private void Claim(string name, Func<ImmutableArray<NameClaim>, ImmutableArray<NameClaim>> change)
    {
        var claims = change(_names.TryGetValue(name, out var entry) ? entry.Claims : []);
        if (claims.IsEmpty) _names.TryRemove(name, out _);
        else _names[name] = new NameEntry(claims, WinnerOf(claims));
    }

    /// <summary>A model's own name beats another's alias, the home namespace beats the others; what is still ambiguous is refused, not guessed.</summary>
    private ObjectKey? WinnerOf(ImmutableArray<NameClaim> claims)
    {
        var best = claims.Min(c => (c.Rank, c.Key.Namespace == home ? 0 : 1));
        var winners = claims.Where(c => (c.Rank, c.Key.Namespace == home ? 0 : 1) == best).Select(c => c.Key).Distinct().Take(2).ToList();
        return winners.Count == 1 ? winners[0] : null;
    }

    private static IEnumerable<(string Name, int Rank)> NamesOf(ObjectKey key, ModelRoute route)
    {
        yield return (key.ToString(), 0);
        yield return (route.Name, 1);
        foreach (var alias in route.Spec.Traffic?.Aliases ?? []) yield return (alias, 2);
    }

    private readonly record struct NameClaim(ObjectKey Key, int Rank);

    private sealed record NameEntry(ImmutableArray<NameClaim> Claims, ObjectKey? Winner);
}

/// <summary>What a name leads to: a route, nothing, or several models of which none may be guessed.</summary>
internal readonly record struct RouteLookup(ModelRoute? Route, IReadOnlyList<string>? Ambiguous);
