using System.Text.Json.Nodes;

namespace AttentionOperator.Sandbox.Manifests;

/// <summary>What has to be there before what.</summary>
internal static class ManifestOrder
{
    private static readonly string[] First =
        ["Namespace", "CustomResourceDefinition", "PriorityClass", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "ConfigMap", "Secret"];

    private static readonly string[] Builtin = ["apps", "batch", "autoscaling", "policy", "networking.k8s.io", "discovery.k8s.io", "coordination.k8s.io", "rbac.authorization.k8s.io"];

    /// <summary>Foundations first, then built-in kinds, then registrations of servers, then objects of custom kinds.</summary>
    public static int Of(JsonObject document)
    {
        var kind = document["kind"]?.GetValue<string>() ?? string.Empty;
        var version = document["apiVersion"]?.GetValue<string>() ?? string.Empty;
        if (Array.IndexOf(First, kind) is >= 0 and var rank)
        {
            return rank;
        }

        var slash = version.IndexOf('/', StringComparison.Ordinal);
        var group = slash < 0 ? string.Empty : version[..slash];
        return group switch
        {
            "admissionregistration.k8s.io" or "apiregistration.k8s.io" => First.Length + 1,
            _ => group.Length == 0 || Builtin.Contains(group) ? First.Length : First.Length + 2,
        };
    }
}
