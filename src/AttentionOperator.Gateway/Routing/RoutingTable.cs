using System.Collections.Frozen;

namespace AttentionOperator.Gateway.Routing;

/// <summary>All routes by every name that clients may use. Replaced as a whole; readers take no lock.</summary>
internal sealed class RoutingTable
{
    private readonly FrozenDictionary<string, ModelRoute?> _byName;

    /// <param name="routes">All routes.</param>
    /// <param name="home">Namespace whose models win a plain name that several namespaces use.</param>
    public RoutingTable(IReadOnlyCollection<ModelRoute> routes, string home)
    {
        Routes = routes;
        var names = new Dictionary<string, ModelRoute?>(StringComparer.Ordinal);
        foreach (var group in routes.SelectMany(NamesOf).GroupBy(n => n.Name, StringComparer.Ordinal))
        {
            // A model's own name beats another's alias, the home namespace beats the others; what is still ambiguous is refused, not guessed.
            var candidates = group.OrderBy(n => n.Rank).ThenBy(n => n.Route.Namespace == home ? 0 : 1).ToList();
            var first = candidates[0];
            var ambiguous = candidates.Skip(1).Any(c => c.Route != first.Route && c.Rank == first.Rank && first.Route.Namespace != home);
            names[group.Key] = ambiguous ? null : first.Route;
        }

        _byName = names.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public IReadOnlyCollection<ModelRoute> Routes { get; }

    public RouteLookup Find(string name) => _byName.TryGetValue(name, out var route)
        ? new RouteLookup(route, route is null ? [.. Routes.Where(r => NamesOf(r).Any(n => n.Name == name)).Select(r => $"{r.Namespace}/{r.Name}").Order(StringComparer.Ordinal)] : [])
        : default;

    private static IEnumerable<(string Name, int Rank, ModelRoute Route)> NamesOf(ModelRoute route)
    {
        yield return ($"{route.Namespace}/{route.Name}", 0, route);
        yield return (route.Name, 1, route);
        foreach (var alias in route.Spec.Traffic?.Aliases ?? []) yield return (alias, 2, route);
    }
}

/// <summary>What a name leads to: a route, nothing, or several models of which none may be guessed.</summary>
internal readonly record struct RouteLookup(ModelRoute? Route, IReadOnlyList<string>? Ambiguous);
