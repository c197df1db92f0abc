using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Services;

/// <summary>The EndpointSlices of a Service from its pods: one for each set of port numbers that its pods resolve the Service's ports to.</summary>
internal static class EndpointSlicePlanner
{
    public const string ServiceLabel = "kubernetes.io/service-name";
    public const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";
    public const string Manager = "endpointslice-controller.k8s.io";
    private const string HeadlessLabel = "service.kubernetes.io/headless";
    private const int MaximumEndpoints = 1000;

    public static IReadOnlyList<V1EndpointSlice> Plan(V1Service service, IReadOnlyCollection<V1Pod> pods)
    {
        var groups = pods
            .Where(p => !string.IsNullOrEmpty(p.Status?.PodIP) && !PodFacts.IsFinished(p))
            .OrderBy(p => p.Metadata.Name, StringComparer.Ordinal)
            .GroupBy(p => Signature(Ports(service, p)), StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .SelectMany(g => g.Chunk(MaximumEndpoints))
            .ToList();
        return groups.Count == 0
            ? [Slice(service, 0, [], [])]
            : [.. groups.Select((group, index) => Slice(service, index, Ports(service, group[0]), group))];
    }

    private static V1EndpointSlice Slice(V1Service service, int index, List<Discoveryv1EndpointPort> ports, IReadOnlyCollection<V1Pod> pods)
    {
        var labels = new Dictionary<string, string>(service.Metadata.Labels ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            [ServiceLabel] = service.Metadata.Name,
            [ManagedByLabel] = Manager,
        };
        if (service.Spec.ClusterIP == "None")
        {
            labels[HeadlessLabel] = string.Empty;
        }

        return new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta
            {
                Name = Name(service, index),
                NamespaceProperty = service.Metadata.NamespaceProperty,
                Labels = labels,
                OwnerReferences = [OwnerReferences.To(service)],
            },
            AddressType = "IPv4",
            Ports = ports,
            Endpoints = [.. pods.Select(p => Endpoint(service, p))],
        };
    }

    private static V1Endpoint Endpoint(V1Service service, V1Pod pod)
    {
        var terminating = pod.Metadata.DeletionTimestamp is not null;
        var serving = PodFacts.IsReady(pod);
        return new V1Endpoint
        {
            Addresses = [pod.Status.PodIP],
            Conditions = new V1EndpointConditions
            {
                Ready = service.Spec.PublishNotReadyAddresses == true || (serving && !terminating),
                Serving = serving,
                Terminating = terminating,
            },
            NodeName = pod.Spec.NodeName,
            TargetRef = new V1ObjectReference
            {
                Kind = "Pod",
                Name = pod.Metadata.Name,
                NamespaceProperty = pod.Metadata.NamespaceProperty,
                Uid = pod.Metadata.Uid,
            },
        };
    }

    private static List<Discoveryv1EndpointPort> Ports(V1Service service, V1Pod pod) =>
    [
        .. (service.Spec.Ports ?? []).Select(p => (Port: p, Number: Number(p, pod))).Where(p => p.Number is not null).Select(p => new Discoveryv1EndpointPort
        {
            Name = p.Port.Name ?? string.Empty,
            Port = p.Number,
            Protocol = p.Port.Protocol ?? "TCP",
            AppProtocol = p.Port.AppProtocol,
        }),
    ];

    private static int? Number(V1ServicePort port, V1Pod pod)
    {
        if (port.TargetPort?.Value is not { Length: > 0 } target)
        {
            return port.Port;
        }

        return int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : pod.Spec.Containers.Concat((pod.Spec.InitContainers ?? []).Where(c => c.RestartPolicy == "Always"))
                .SelectMany(c => c.Ports ?? [])
                .FirstOrDefault(p => p.Name == target)?.ContainerPort;
    }

    private static string Signature(List<Discoveryv1EndpointPort> ports) => string.Join(',', ports.Select(p => $"{p.Name}:{p.Port}"));

    private static string Name(V1Service service, int index)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{service.Metadata.Uid}/{index}"));
        return $"{service.Metadata.Name}-{Convert.ToHexStringLower(hash.AsSpan(0, 3))[..5]}";
    }
}
