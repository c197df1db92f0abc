using AttentionOperator.Api.Naming;
using AttentionOperator.Kube.Informers;
using k8s.Models;

namespace AttentionOperator.Slo.Sources;

/// <summary>Where gateways answer with their counters: the admin ports behind Services that are labelled as gateways.</summary>
internal sealed class GatewayDirectory
{
    public const string Selector = $"{LabelNames.AppComponent}={LabelNames.GatewayComponent}";

    private readonly SharedInformer<V1EndpointSlice> slices;

    /// <param name="factory">Makes the informer.</param>
    /// <param name="ns">Namespace of the gateways; empty for all.</param>
    public GatewayDirectory(InformerFactory factory, string ns) =>
        slices = factory.Typed(new InformerOptions<V1EndpointSlice> { Namespace = ns, LabelSelector = Selector });

    public IReadOnlyCollection<Uri> Addresses() => AddressesOf(slices.List());

    /// <summary>Where gateways answer, and whether clients are sent there.</summary>
    public IReadOnlyDictionary<Uri, bool> Endpoints() => EndpointsOf(slices.List());

    /// <summary>One address may be in several slices: it is ready where one says so.</summary>
    public static IReadOnlyDictionary<Uri, bool> EndpointsOf(IEnumerable<V1EndpointSlice> slices) =>
        slices
            .Select(slice => (slice.Endpoints, Port: slice.Ports?.FirstOrDefault(port => port.Name == PortNames.Admin)?.Port))
            .Where(slice => slice.Port is not null)
            .SelectMany(slice => (slice.Endpoints ?? []).SelectMany(endpoint => (endpoint.Addresses ?? []).Take(1).Select(address => (Address: AddressOf(address, slice.Port!.Value), Ready: endpoint.Conditions?.Ready != false))))
            .GroupBy(endpoint => endpoint.Address)
            .ToDictionary(group => group.Key, group => group.Any(endpoint => endpoint.Ready));

    /// <summary>Also of those that are not ready or on their way out: what they have counted counts.</summary>
    public static IReadOnlyCollection<Uri> AddressesOf(IEnumerable<V1EndpointSlice> slices) =>
        slices
            .Select(slice => (slice.Endpoints, Port: slice.Ports?.FirstOrDefault(port => port.Name == PortNames.Admin)?.Port))
            .Where(slice => slice.Port is not null)
            .SelectMany(slice => (slice.Endpoints ?? []).SelectMany(endpoint => (endpoint.Addresses ?? []).Take(1)).Select(address => AddressOf(address, slice.Port!.Value)))
            .ToHashSet();

    public Task RunAsync(CancellationToken cancellation) => slices.RunAsync(cancellation);

    private static Uri AddressOf(string address, int port) => new($"http://{(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address)}:{port}/slis");
}
