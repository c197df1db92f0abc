using System.Collections.Immutable;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using k8s.Models;

namespace AttentionOperator.Gateway.Routing;

/// <summary>Turns an AttentionModel and the EndpointSlices of its revisions into a route. Pure but for the identity of endpoints, which it takes over.</summary>
internal static class ModelRouteBuilder
{
    /// <param name="model">The model.</param>
    /// <param name="slices">EndpointSlices of its revisions.</param>
    /// <param name="previous">The route that this one replaces: same pods keep their endpoint objects, and the same weights their place in the sequence.</param>
    public static ModelRoute Build(AttentionModel model, IEnumerable<V1EndpointSlice> slices, ModelRoute? previous)
    {
        var known = (previous?.Revisions ?? []).SelectMany(r => r.Endpoints).Distinct().ToDictionary(e => (e.Address, e.Port, e.Pod));
        var ready = slices
            .Where(s => s.Metadata.Labels?.ContainsKey(LabelNames.Revision) == true)
            .GroupBy(s => s.Metadata.Labels[LabelNames.Revision], StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => ReadyEndpoints(g, known), StringComparer.Ordinal);
        var traffic = model.Status?.Traffic ?? [];
        var weighted = traffic.Select(t => new RevisionRoute(t.Revision, t.Weight, ready.GetValueOrDefault(t.Revision, [])));
        // Revisions without traffic can still be asked for by name (preview).
        var named = traffic.Select(t => t.Revision).ToHashSet(StringComparer.Ordinal);
        var others = ready.Where(r => !named.Contains(r.Key)).OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => new RevisionRoute(r.Key, 0, r.Value));
        return new ModelRoute(model.Metadata.NamespaceProperty, model.Metadata.Name, Effective(model), [.. weighted, .. others], previous) { InRollout = RevisionInRollout(model.Status) };
    }

    /// <summary>The spec, with the objectives that a policy gave a model without any of its own.</summary>
    private static AttentionModelSpec Effective(AttentionModel model) =>
        model.Spec.Slo is null && model.Status?.Slo is { } slo ? model.Spec with { Slo = slo } : model.Spec;

    private static string? RevisionInRollout(AttentionModelStatus? status) => status?.TargetRevision is { } target && target != status.StableRevision ? target : null;

    private static ImmutableArray<RuntimeEndpoint> ReadyEndpoints(IEnumerable<V1EndpointSlice> slices, Dictionary<(string Address, int Port, string Pod), RuntimeEndpoint> known) =>
    [
        .. slices
            .SelectMany(slice => (slice.Endpoints ?? []).Where(IsReady).SelectMany(e => (e.Addresses ?? []).Take(1).Select(a => (Address: a, Port: PortOf(slice), Pod: e.TargetRef?.Name ?? a))))
            .DistinctBy(e => (e.Address, e.Port))
            .OrderBy(e => e.Address, StringComparer.Ordinal)
            .ThenBy(e => e.Port)
            .Select(e => known.GetValueOrDefault(e) ?? new RuntimeEndpoint(e.Address, e.Port, e.Pod)),
    ];

    /// <summary>Ready and not on its way out (an unknown readiness counts as ready, as the API defines it).</summary>
    private static bool IsReady(V1Endpoint endpoint) => endpoint.Conditions?.Ready != false && endpoint.Conditions?.Terminating != true;

    private static int PortOf(V1EndpointSlice slice) =>
        slice.Ports?.FirstOrDefault(p => p.Name == PortNames.Http)?.Port ?? slice.Ports?.FirstOrDefault()?.Port ?? PortNames.Runtime;
}
