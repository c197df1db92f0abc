using AttentionOperator.Api.Naming;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Observation;

/// <summary>The kinds that the operator reads and writes.</summary>
internal static class ResourceKinds
{
    public static readonly ResourceKind Model = new(ApiNames.Group, ApiNames.Version, ApiNames.Plural, ApiNames.Kind);
    public static readonly ResourceKind Deployment = new("apps", "v1", "deployments", "Deployment");
    public static readonly ResourceKind ControllerRevision = new("apps", "v1", "controllerrevisions", "ControllerRevision");
    public static readonly ResourceKind Service = new("", "v1", "services", "Service");
    public static readonly ResourceKind ConfigMap = new("", "v1", "configmaps", "ConfigMap");
    public static readonly ResourceKind ServiceAccount = new("", "v1", "serviceaccounts", "ServiceAccount");
    public static readonly ResourceKind Autoscaler = new("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler");
    public static readonly ResourceKind DisruptionBudget = new("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget");
    public static readonly ResourceKind NetworkPolicy = new("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy");
    public static readonly ResourceKind ClaimTemplate = new("resource.k8s.io", "v1", "resourceclaimtemplates", "ResourceClaimTemplate");
    public static readonly ResourceKind Policy = new(ApiNames.Group, ApiNames.Version, PolicyNames.Plural, PolicyNames.Kind);
    public static readonly ResourceKind ClusterPolicy = new(ApiNames.Group, ApiNames.Version, PolicyNames.ClusterPlural, PolicyNames.ClusterKind, false);
    public static readonly ResourceKind Namespace = new("", "v1", "namespaces", "Namespace", false);
    public static readonly ResourceKind Job = new("batch", "v1", "jobs", "Job");
    public static readonly ResourceKind Node = new("", "v1", "nodes", "Node", false);
    public static readonly ResourceKind Pod = new("", "v1", "pods", "Pod");

    /// <summary>Kinds of owned objects, in the order in which they are applied: what pods need comes before what makes pods.</summary>
    public static readonly IReadOnlyList<ResourceKind> Owned = [ServiceAccount, NetworkPolicy, DisruptionBudget, ControllerRevision, ConfigMap, Service, Deployment, Job, Autoscaler];

    /// <summary>Kinds of owned objects that not every cluster serves.</summary>
    public static readonly IReadOnlyList<ResourceKind> Optional = [ClaimTemplate];

    public static ResourceKind Of(string apiVersion, string kind) =>
        Owned.Concat(Optional).FirstOrDefault(resource => resource.Kind == kind && resource.ApiVersion == apiVersion)
        ?? throw new ArgumentException($"{apiVersion} {kind} is not a kind that the operator owns", nameof(kind));
}
