using System.Runtime.InteropServices;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Sandbox.Controllers;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Sandbox.NodeAgent.Nodes;

/// <summary>Keeps the Node object and its lease: the node's existence and its heartbeat.</summary>
internal sealed class NodeRegistration(NodeSpecification specification, string address, ClusterWriter writer, TimeProvider time, ILogger logger)
{
    private const string LeaseNamespace = "kube-node-lease";
    private const int LeaseSeconds = 40;
    private static readonly TimeSpan RenewInterval = TimeSpan.FromSeconds(10);
    private static readonly ResourceKind NodeKind = ResourceKind.Of<V1Node>(namespaced: false);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    await BeatAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is KubeApiException or HttpRequestException)
                {
                    NodeLog.HeartbeatFailed(logger, exception, specification.Name);
                }

                await Task.Delay(RenewInterval, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops: its lease runs out by itself.
        }
    }

    /// <summary>Registers the node where it is missing, makes it Ready and renews the lease.</summary>
    public async Task BeatAsync(CancellationToken cancellationToken)
    {
        var node = await writer.Api.GetAsync(NodeKind, ObjectKey.Cluster(specification.Name), cancellationToken).ConfigureAwait(false);
        if (node is null)
        {
            await writer.CreateOnceAsync(Node(), cancellationToken).ConfigureAwait(false);
        }

        if (node is null || node.As<V1Node>().Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready") is not { Status: "True" })
        {
            await writer.PatchStatusAsync(Node(), Status(), cancellationToken).ConfigureAwait(false);
        }

        await RenewAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var lease = new V1Lease
        {
            Metadata = new V1ObjectMeta { Name = specification.Name, NamespaceProperty = LeaseNamespace },
            Spec = new V1LeaseSpec { HolderIdentity = specification.Name, LeaseDurationSeconds = LeaseSeconds, RenewTime = now },
        };
        if (await writer.PatchAsync(lease, new { spec = lease.Spec }, null, cancellationToken).ConfigureAwait(false) is null)
        {
            await writer.CreateOnceAsync(lease, cancellationToken).ConfigureAwait(false);
        }
    }

    private V1Node Node()
    {
        var labels = new Dictionary<string, string>(specification.Labels, StringComparer.Ordinal)
        {
            ["kubernetes.io/hostname"] = specification.Name,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = Architecture,
        };
        return new V1Node
        {
            Metadata = new V1ObjectMeta { Name = specification.Name, Labels = labels },
            Spec = new V1NodeSpec { Taints = specification.Taints.Count == 0 ? null : [.. specification.Taints] },
        };
    }

    private V1NodeStatus Status()
    {
        var now = time.GetUtcNow().UtcDateTime;
        var capacity = specification.Capacity.ToDictionary(c => c.Key, c => new ResourceQuantity(c.Value), StringComparer.Ordinal);
        return new V1NodeStatus
        {
            Capacity = capacity,
            Allocatable = capacity,
            Addresses =
            [
                new V1NodeAddress { Type = "InternalIP", Address = address },
                new V1NodeAddress { Type = "Hostname", Address = specification.Name },
            ],
            Conditions =
            [
                Condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available", now),
                Condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", now),
                Condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available", now),
                Condition("Ready", "True", "KubeletReady", "the node agent runs pods as processes", now),
            ],
            NodeInfo = new V1NodeSystemInfo
            {
                Architecture = Architecture,
                OperatingSystem = "linux",
                OsImage = RuntimeInformation.OSDescription,
                KernelVersion = Environment.OSVersion.Version.ToString(),
                KubeletVersion = KubeletVersion,
                KubeProxyVersion = string.Empty,
                ContainerRuntimeVersion = "process://1",
                BootID = string.Empty,
                MachineID = string.Empty,
                SystemUUID = string.Empty,
            },
        };
    }

    private static V1NodeCondition Condition(string type, string status, string reason, string message, DateTime now) =>
        new() { Type = type, Status = status, Reason = reason, Message = message, LastHeartbeatTime = now, LastTransitionTime = now };

    private static string Architecture => RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    private static string KubeletVersion => $"v1.36.0+sandbox-{typeof(NodeRegistration).Assembly.GetName().Version?.ToString(3)}";
}
