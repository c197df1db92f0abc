using AttentionOperator.Sandbox.Discovery;

namespace AttentionOperator.Sandbox.Builtins;

/// <summary>The rules of each built-in kind.</summary>
internal static class KindRules
{
    private sealed class NoRules : IKindRules;

    private static readonly NoRules None = new();

    private static readonly Dictionary<string, IKindRules> ByStorageKey = new(StringComparer.Ordinal)
    {
        ["/namespaces"] = new NamespaceRules(),
        ["/pods"] = new PodRules(),
        ["/services"] = new ServiceRules(),
        ["/secrets"] = new SecretRules(),
        ["/configmaps"] = new ConfigMapRules(),
        ["/events"] = new EventRules(),
        ["coordination.k8s.io/leases"] = new LeaseRules(),
        ["apps/deployments"] = new DeploymentRules(),
        ["apps/replicasets"] = new ReplicaSetRules(),
        ["batch/jobs"] = new JobRules(),
        ["apiextensions.k8s.io/customresourcedefinitions"] = new CustomResourceDefinitionRules(),
        ["apps/statefulsets"] = new ReplicaSetRules(),
        ["admissionregistration.k8s.io/mutatingwebhookconfigurations"] = new WebhookConfigurationRules(),
        ["admissionregistration.k8s.io/validatingwebhookconfigurations"] = new WebhookConfigurationRules(),
        ["autoscaling/horizontalpodautoscalers"] = new AutoscalerRules(),
    };

    public static IKindRules Of(ResourceDefinition resource) =>
        resource.IsCustom ? None : ByStorageKey.GetValueOrDefault(resource.StorageKey, None);
}
