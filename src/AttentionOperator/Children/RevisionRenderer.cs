using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Memory;
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
    public static bool Knows(RevisionSnapshot snapshot) => snapshot.RenderVersion is >= 1 and <= RevisionSnapshot.CurrentRenderVersion;

    /// <param name="model">The model.</param>
    /// <param name="revision">Revision hash.</param>
    /// <param name="snapshot">What it runs.</param>
    /// <param name="replicas">Desired replicas.</param>
    /// <param name="relief">Its token budget where memory ran out.</param>
    /// <param name="extra">Further replicas per part, until leaving ones have gone.</param>
    public static IEnumerable<IKubernetesObject<V1ObjectMeta>> Render(
        AttentionModel model, string revision, RevisionSnapshot snapshot, int replicas, MemoryReliefStatus? relief = null, IReadOnlyDictionary<PodCapacity, int>? extra = null)
    {
        var relieved = MemoryRelief.Apply(snapshot, relief);
        int? budget = ReferenceEquals(relieved, snapshot) ? null : relieved.Limits.MaxBatchTokens;
        yield return ConfigMap(model, revision, relieved);
        yield return Service(model, revision);
        if (snapshot.Resources.Accelerator is { Claim: { } claim } accelerator)
        {
            yield return ClaimTemplate(model, revision, accelerator.Count, claim);
        }

        foreach (var (capacity, share) in CapacitySplit.Of(snapshot.Placement?.Spot, model.Spec?.OnDemandReplicas ?? "", replicas))
        {
            yield return Deployment(model, revision, snapshot, share + (extra?.GetValueOrDefault(capacity) ?? 0), capacity, budget);
        }
    }

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

    private static V1ResourceClaimTemplate ClaimTemplate(AttentionModel model, string revision, int count, AcceleratorClaim claim) => new()
    {
        ApiVersion = "resource.k8s.io/v1",
        Kind = "ResourceClaimTemplate",
        Metadata = Metadata(model, revision),
        Spec = new V1ResourceClaimTemplateSpec
        {
            Spec = new V1ResourceClaimSpec
            {
                Devices = new V1DeviceClaim
                {
                    Requests =
                    [
                        new V1DeviceRequest
                        {
                            Name = PodTemplate.AcceleratorClaimName,
                            Exactly = new V1ExactDeviceRequest
                            {
                                DeviceClassName = claim.DeviceClassName,
                                AllocationMode = "ExactCount",
                                Count = count,
                                Selectors = claim.Selectors is { Count: > 0 } selectors ? [.. selectors.Select(expression => new V1DeviceSelector { Cel = new V1CELDeviceSelector { Expression = expression } })] : null,
                            },
                        },
                    ],
                },
            },
        },
    };

    private static V1Deployment Deployment(AttentionModel model, string revision, RevisionSnapshot snapshot, int replicas, PodCapacity capacity, int? budget) => new()
    {
        ApiVersion = "apps/v1",
        Kind = "Deployment",
        Metadata = ChildLabels.Metadata(
            model,
            capacity == PodCapacity.Spot ? ChildNames.SpotRevision(model.Metadata.Name, revision) : ChildNames.Revision(model.Metadata.Name, revision),
            ChildLabels.OfRevision(model, revision, capacity)),
        Spec = new V1DeploymentSpec
        {
            Replicas = replicas,
            RevisionHistoryLimit = 1,
            Selector = new V1LabelSelector { MatchLabels = ChildLabels.Selector(model, revision, capacity) },
            Strategy = Strategy(snapshot),
            Template = PodTemplate.Render(model, revision, snapshot, capacity, budget),
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
