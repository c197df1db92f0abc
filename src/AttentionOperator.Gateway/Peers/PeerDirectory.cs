using System.Collections.Immutable;
using System.Globalization;
using AttentionOperator.Api.Naming;
using k8s.Models;

namespace AttentionOperator.Gateway.Peers;

/// <summary>The other gateways that serve the same tenants.</summary>
/// <param name="self">This gateway's address.</param>
/// <param name="fixedCount">Gateways in all, until the watch has said how many there are.</param>
internal sealed class PeerDirectory(string self, int fixedCount)
{
    private volatile Known _known = new([], IsFed: false);

    /// <summary>Base addresses of the others' admin ports.</summary>
    public ImmutableArray<Uri> Others => _known.Others;

    /// <summary>This one included.</summary>
    public int Count => _known.IsFed ? _known.Others.Length + 1 : fixedCount;

    public void Set(IEnumerable<V1EndpointSlice> slices) => Set(slices
        .SelectMany(slice => (slice.Endpoints ?? []).Where(e => e.Conditions?.Ready != false).SelectMany(e => e.Addresses ?? []).Select(address => (Address: address, Port: PortOf(slice))))
        .Distinct()
        .Where(e => e.Address != self)
        .Select(e => new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{(e.Address.Contains(':', StringComparison.Ordinal) ? $"[{e.Address}]" : e.Address)}:{e.Port}"))));

    public void Set(IEnumerable<Uri> others) => _known = new Known([.. others], IsFed: true);

    private static int PortOf(V1EndpointSlice slice) => slice.Ports?.FirstOrDefault(p => p.Name == PortNames.Admin)?.Port ?? PortNames.AdminPort;

    private sealed record Known(ImmutableArray<Uri> Others, bool IsFed);
}
