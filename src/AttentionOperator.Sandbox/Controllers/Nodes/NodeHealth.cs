using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Nodes;

/// <summary>A node's health from its lease, and the taints that follow from its state.</summary>
internal static class NodeHealth
{
    public static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(50);
    private const string UnschedulableKey = "node.kubernetes.io/unschedulable";
    private const string NotReadyKey = "node.kubernetes.io/not-ready";
    private const string UnreachableKey = "node.kubernetes.io/unreachable";
    private static readonly string[] OwnKeys = [UnschedulableKey, NotReadyKey, UnreachableKey];

    /// <summary>Whether the node has given no sign for longer than the grace period.</summary>
    public static bool IsSilent(V1Node node, V1Lease? lease, DateTime now)
    {
        var last = Latest(lease?.Spec?.RenewTime, Ready(node)?.LastHeartbeatTime, node.Metadata.CreationTimestamp);
        return last is { } sign && now - sign > GracePeriod;
    }

    public static V1NodeCondition? Ready(V1Node node) => node.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready");

    /// <summary>The taints that the node should have: those of others as they are, and our own by its state.</summary>
    public static List<V1Taint> Taints(V1Node node, DateTime now)
    {
        var taints = (node.Spec?.Taints ?? []).Where(t => !OwnKeys.Contains(t.Key)).ToList();
        if (node.Spec?.Unschedulable == true)
        {
            taints.Add(Keep(node, UnschedulableKey, "NoSchedule", now));
        }

        var key = Ready(node)?.Status switch
        {
            "True" => null,
            "Unknown" => UnreachableKey,
            _ => NotReadyKey,
        };
        if (key is not null)
        {
            taints.Add(Keep(node, key, "NoSchedule", now));
            taints.Add(Keep(node, key, "NoExecute", now));
        }

        return taints;
    }

    private static V1Taint Keep(V1Node node, string key, string effect, DateTime now) =>
        node.Spec?.Taints?.FirstOrDefault(t => t.Key == key && t.Effect == effect) ?? new V1Taint { Key = key, Effect = effect, TimeAdded = now };

    private static DateTime? Latest(params DateTime?[] times) => times.Max();
}
