using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using k8s;
using k8s.Models;

namespace AttentionOperator.Children;

/// <summary>
/// Renders the children of one revision from its snapshot. What an existing revision's pods look like depends on nothing else, so
/// that neither a change of the spec nor an upgrade of the operator restarts them.
/// </summary>
internal static class RevisionRenderer
{
    /// <summary>Whether this build knows how the snapshot's children were rendered.</summary>
    public static bool Knows(RevisionSnapshot snapshot) => snapshot.RenderVersion == 1;

    public static IEnumerable<IKubernetesObject<V1ObjectMeta>> Render(AttentionModel model, string revision, RevisionSnapshot snapshot, int replicas)
    {
        yield return ConfigMap(model, revision, snapshot);
        yield return Service(model, revision);
        yield return Deployment(model, revision, snapshot, replicas);
    }

    public static V1ServiceAccount ServiceAccount(AttentionModel model) => new()
    {
        ApiVersion = "v1",
        Kind = "ServiceAccount",
        Metadata = ChildLabels.Metadata(model, ChildNames.ServiceAccount(model.Metadata.Name), ChildLabels.OfModel(model)),
        // The runtime never calls the Kubernetes API.
        AutomountServiceAccountToken = false,
    };

    private static V1ConfigMap ConfigMap(AttentionModel model, string revision, RevisionSnapshot snapshot) => new()
    {
        ApiVersion = "v1",
        Kind = "ConfigMap",
        Metadata = Metadata(model, revision),
        Data = new Dictionary<string, string>
        {
            [RuntimeLayout.ConfigFile] = KubernetesJson.Serialize(
                RuntimeConfigurationBuilder.Build(model.Metadata.NamespaceProperty, model.Metadata.Name, revision, snapshot)),
        },
    };

    private static V1Service Service(AttentionModel model, string revision) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = Metadata(model, revision),
        Spec = new V1ServiceSpec
        {
            ClusterIP = "None",
            Selector = ChildLabels.Selector(model, revision),
            Ports = [new V1ServicePort { Name = PortNames.Http, Port = PortNames.Runtime, Protocol = "TCP", TargetPort = PortNames.Http }],
        },
    };

    private static V1Deployment Deployment(AttentionModel model, string revision, RevisionSnapshot snapshot, int replicas) => new()
    {
        ApiVersion = "apps/v1",
        Kind = "Deployment",
        Metadata = Metadata(model, revision),
        Spec = new V1DeploymentSpec
        {
            Replicas = replicas,
            RevisionHistoryLimit = 1,
            Selector = new V1LabelSelector { MatchLabels = ChildLabels.Selector(model, revision) },
            Strategy = Strategy(snapshot),
            Template = PodTemplate.Render(model, revision, snapshot),
        },
    };

    // The template of a revision never changes; this matters only where someone else changed it and it is put back. An accelerator
    // that is busy has no room for a surge.
    private static V1DeploymentStrategy Strategy(RevisionSnapshot snapshot) => new()
    {
        Type = "RollingUpdate",
        RollingUpdate = snapshot.Resources.Accelerator is null
            ? new V1RollingUpdateDeployment { MaxSurge = 1, MaxUnavailable = 0 }
            : new V1RollingUpdateDeployment { MaxSurge = 0, MaxUnavailable = 1 },
    };

    private static V1ObjectMeta Metadata(AttentionModel model, string revision) =>
        ChildLabels.Metadata(model, ChildNames.Revision(model.Metadata.Name, revision), ChildLabels.OfRevision(model, revision));
}
