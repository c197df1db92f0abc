using System.Globalization;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;
using k8s.Models;

namespace AttentionOperator.Children;

/// <summary>Which nodes the pods of a revision may and should run on.</summary>
internal static class NodePlacement
{
    private const string NvidiaPrefix = "nvidia.com/";
    private const string NvidiaGpu = "nvidia.com/gpu";
    private const decimal Mebi = 1024 * 1024;

    // How Karpenter, GKE, EKS and AKS mark spot nodes, and our own label for everybody else.
    private static readonly (string Key, string Value)[] SpotLabels =
    [
        (LabelNames.Capacity, LabelNames.SpotCapacity),
        ("karpenter.sh/capacity-type", "spot"),
        ("cloud.google.com/gke-spot", "true"),
        ("eks.amazonaws.com/capacityType", "SPOT"),
        ("kubernetes.azure.com/scalesetpriority", "spot"),
    ];

    // Those that also taint them.
    private static readonly (string Key, string Value)[] SpotTaints =
    [
        (LabelNames.Capacity, LabelNames.SpotCapacity),
        ("cloud.google.com/gke-spot", "true"),
        ("kubernetes.azure.com/scalesetpriority", "spot"),
    ];

    public static Dictionary<string, string>? NodeSelector(RevisionSnapshot snapshot)
    {
        var labels = new Dictionary<string, string>(snapshot.Placement?.NodeSelector ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        if (snapshot.Resources.Accelerator?.Product is { } product)
        {
            labels.TryAdd(NvidiaGpu + ".product", product);
        }

        return labels.Count == 0 ? null : labels;
    }

    public static V1Affinity? Affinity(RevisionSnapshot snapshot, PodCapacity capacity)
    {
        var every = AcceleratorRequirements(snapshot.Resources.Accelerator);
        var spot = snapshot.Placement?.Spot;
        if (spot == SpotPolicy.Avoid || (spot == SpotPolicy.Allow && capacity == PodCapacity.OnDemand))
        {
            every.AddRange(SpotLabels.Select(label => Requirement(label.Key, "NotIn", label.Value)));
        }

        // Terms are alternatives, requirements of one term must all hold.
        List<V1NodeSelectorTerm> terms = spot == SpotPolicy.Require
            ? [.. SpotLabels.Select(label => new V1NodeSelectorTerm { MatchExpressions = [.. every, Requirement(label.Key, "In", label.Value)] })]
            : every.Count > 0 ? [new V1NodeSelectorTerm { MatchExpressions = every }] : [];
        List<V1PreferredSchedulingTerm> preferred = capacity == PodCapacity.Spot
            ? [.. SpotLabels.Select(label => new V1PreferredSchedulingTerm { Weight = 100, Preference = new V1NodeSelectorTerm { MatchExpressions = [Requirement(label.Key, "In", label.Value)] } })]
            : [];
        return terms.Count == 0 && preferred.Count == 0 ? null : new V1Affinity
        {
            NodeAffinity = new V1NodeAffinity
            {
                RequiredDuringSchedulingIgnoredDuringExecution = terms.Count == 0 ? null : new V1NodeSelector { NodeSelectorTerms = terms },
                PreferredDuringSchedulingIgnoredDuringExecution = preferred.Count == 0 ? null : preferred,
            },
        };
    }

    public static List<V1Toleration>? Tolerations(RevisionSnapshot snapshot, PodCapacity capacity)
    {
        var tolerations = new List<V1Toleration>(snapshot.Placement?.Tolerations ?? []);
        if (snapshot.Resources.Accelerator is { } accelerator)
        {
            // Nodes with accelerators are commonly tainted with the resource's name, to keep other pods away.
            var resource = accelerator.Resource();
            var nvidia = resource?.StartsWith(NvidiaPrefix, StringComparison.Ordinal) ?? accelerator.Claim!.DeviceClassName.EndsWith("nvidia.com", StringComparison.Ordinal);
            foreach (var key in ((string?[])[resource, nvidia ? NvidiaGpu : null]).OfType<string>().Distinct().Where(key => tolerations.All(toleration => toleration.Key != key)))
            {
                tolerations.Add(new V1Toleration { Key = key, OperatorProperty = "Exists", Effect = "NoSchedule" });
            }
        }

        if (snapshot.Placement?.Spot == SpotPolicy.Require || capacity == PodCapacity.Spot)
        {
            tolerations.AddRange(SpotTaints
                .Where(taint => tolerations.All(toleration => toleration.Key != taint.Key))
                .Select(taint => new V1Toleration { Key = taint.Key, OperatorProperty = "Equal", Value = taint.Value, Effect = "NoSchedule" }));
        }

        return tolerations.Count == 0 ? null : tolerations;
    }

    public static List<V1TopologySpreadConstraint>? Spread(AttentionModel model, string revision, RevisionSnapshot snapshot)
    {
        if (snapshot.RenderVersion < 2)
        {
            return null;
        }

        var spread = snapshot.Placement?.Spread ?? new SpreadSpec();
        (SpreadPolicy Policy, string Key)[] topologies = [(spread.Zones, "topology.kubernetes.io/zone"), (spread.Nodes, "kubernetes.io/hostname")];
        List<V1TopologySpreadConstraint> constraints =
        [
            .. topologies.Where(topology => topology.Policy != SpreadPolicy.None).Select(topology => new V1TopologySpreadConstraint
            {
                TopologyKey = topology.Key,
                MaxSkew = 1,
                WhenUnsatisfiable = topology.Policy == SpreadPolicy.Required ? "DoNotSchedule" : "ScheduleAnyway",
                LabelSelector = new V1LabelSelector { MatchLabels = ChildLabels.Selector(model, revision) },
            }),
        ];
        return constraints.Count == 0 ? null : constraints;
    }

    private static List<V1NodeSelectorRequirement> AcceleratorRequirements(AcceleratorSpec? accelerator)
    {
        var requirements = new List<V1NodeSelectorRequirement>();
        if (accelerator?.Resource() is not { } resource)
        {
            return requirements;
        }

        if (accelerator.Memory is { } memory)
        {
            // The label is in whole MiB, and the operator means "greater than".
            var least = decimal.Ceiling(Quantities.Parse(memory) / Mebi) - 1;
            requirements.Add(Requirement(resource + ".memory", "Gt", ((long)least).ToString(CultureInfo.InvariantCulture)));
        }

        if (accelerator.Sharing is { } sharing)
        {
            var strategy = sharing switch { AcceleratorSharing.TimeSlicing => "time-slicing", AcceleratorSharing.Mps => "mps", _ => "none" };
            requirements.Add(Requirement(resource + ".sharing-strategy", "In", strategy));
        }

        return requirements;
    }

    private static V1NodeSelectorRequirement Requirement(string key, string comparison, string value) => new() { Key = key, OperatorProperty = comparison, Values = [value] };
}
