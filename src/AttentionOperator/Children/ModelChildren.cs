using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using k8s.Models;

namespace AttentionOperator.Children;

/// <summary>Renders the children that belong to a model as a whole.</summary>
internal static class ModelChildren
{
    public static V1ServiceAccount ServiceAccount(AttentionModel model) => new()
    {
        ApiVersion = "v1",
        Kind = "ServiceAccount",
        Metadata = ChildLabels.Metadata(model, ChildNames.ServiceAccount(model.Metadata.Name), ChildLabels.OfModel(model)),
        // The runtime never calls the Kubernetes API.
        AutomountServiceAccountToken = false,
    };

    /// <param name="model">The model.</param>
    /// <param name="maxUnavailable">Pods that may be evicted at once (<see cref="DisruptionLimit"/>).</param>
    public static V1PodDisruptionBudget DisruptionBudget(AttentionModel model, int maxUnavailable) => new()
    {
        ApiVersion = "policy/v1",
        Kind = "PodDisruptionBudget",
        Metadata = ChildLabels.Metadata(model, ChildNames.ServiceAccount(model.Metadata.Name), ChildLabels.OfModel(model)),
        Spec = new V1PodDisruptionBudgetSpec
        {
            MaxUnavailable = maxUnavailable,
            Selector = new V1LabelSelector { MatchLabels = PodSelector(model) },
            // A pod that is not ready serves nobody: it must not keep a node from being drained.
            UnhealthyPodEvictionPolicy = "AlwaysAllow",
        },
    };

    /// <summary>Policies add up: this one admits who has to reach the pods, and another one of the namespace may admit more.</summary>
    public static V1NetworkPolicy NetworkPolicy(AttentionModel model, NetworkPolicySettings settings) => new()
    {
        ApiVersion = "networking.k8s.io/v1",
        Kind = "NetworkPolicy",
        Metadata = ChildLabels.Metadata(model, ChildNames.ServiceAccount(model.Metadata.Name), ChildLabels.OfModel(model)),
        Spec = new V1NetworkPolicySpec
        {
            PodSelector = new V1LabelSelector { MatchLabels = PodSelector(model) },
            PolicyTypes = ["Ingress"],
            Ingress =
            [
                new V1NetworkPolicyIngressRule
                {
                    FromProperty =
                    [
                        Component(settings.GatewayNamespace, LabelNames.GatewayComponent),
                        Component(settings.OperatorNamespace, LabelNames.OperatorComponent),
                        Peer(null, new Dictionary<string, string> { [LabelNames.AppName] = "prometheus" }),
                        // Golden sets are run from the model's own namespace.
                        new V1NetworkPolicyPeer { PodSelector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { [LabelNames.AppName] = LabelNames.EvaluationAppName, [LabelNames.AppComponent] = LabelNames.EvaluationComponent } } },
                    ],
                    Ports = [new V1NetworkPolicyPort { Port = PortNames.Runtime, Protocol = "TCP" }],
                },
            ],
        },
    };

    private static Dictionary<string, string> PodSelector(AttentionModel model) => new() { [LabelNames.Model] = model.Metadata.Name };

    private static V1NetworkPolicyPeer Component(string? ns, string component) => Peer(ns, new Dictionary<string, string>
    {
        [LabelNames.AppComponent] = component,
        [LabelNames.AppPartOf] = LabelNames.Product,
    });

    private static V1NetworkPolicyPeer Peer(string? ns, Dictionary<string, string> pods) => new()
    {
        NamespaceSelector = new V1LabelSelector { MatchLabels = ns is null ? null : new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = ns } },
        PodSelector = new V1LabelSelector { MatchLabels = pods },
    };
}
