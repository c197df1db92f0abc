using System.Net;
using k8s.Models;

namespace AttentionOperator.Sandbox.Networking;

/// <summary>Where a Service's port leads to.</summary>
internal static class ServiceEndpoints
{
    /// <summary>Endpoints of a port that take new connections; those that are on their way out only where no other is left.</summary>
    public static IReadOnlyList<IPEndPoint> Of(V1ServicePort port, IEnumerable<V1EndpointSlice> slices)
    {
        var all = slices
            .SelectMany(slice => (slice.Ports ?? [])
                .Where(p => (p.Name ?? string.Empty) == (port.Name ?? string.Empty) && p.Port is not null)
                .SelectMany(p => (slice.Endpoints ?? []).Select(e => (Endpoint: e, Port: p.Port!.Value))))
            .ToList();
        var ready = all.Where(e => e.Endpoint.Conditions?.Ready != false).ToList();
        var usable = ready.Count > 0 ? ready : all.Where(e => e.Endpoint.Conditions is { Serving: true, Terminating: true }).ToList();
        return
        [
            .. usable.SelectMany(e => e.Endpoint.Addresses.Select(a => IPAddress.TryParse(a, out var address) ? new IPEndPoint(address, e.Port) : null))
                .OfType<IPEndPoint>()
                .OrderBy(e => e.ToString(), StringComparer.Ordinal),
        ];
    }
}
