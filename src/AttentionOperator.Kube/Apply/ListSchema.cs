namespace AttentionOperator.Kube.Apply;

/// <summary>
/// List types of a kind, by <c>parent.field</c>: the field's name and the nearest named field above it. Lists that are not mentioned are atomic.
/// The built-in ones are those of the Kubernetes OpenAPI schema (x-kubernetes-list-type, x-kubernetes-list-map-keys).
/// </summary>
public sealed class ListSchema
{
    private static readonly (string, ListSemantics)[] Common =
    [
        ("metadata.ownerReferences", ListSemantics.Map("uid")),
        ("metadata.finalizers", ListSemantics.Set),
        ("status.conditions", ListSemantics.Map("type")),
    ];

    private static readonly (string, ListSemantics)[] PodSpec =
    [
        ("spec.containers", ListSemantics.Map("name")),
        ("spec.initContainers", ListSemantics.Map("name")),
        ("spec.ephemeralContainers", ListSemantics.Map("name")),
        ("spec.volumes", ListSemantics.Map("name")),
        ("spec.imagePullSecrets", ListSemantics.Map("name")),
        ("spec.hostAliases", ListSemantics.Map("ip")),
        ("spec.topologySpreadConstraints", ListSemantics.Map("topologyKey", "whenUnsatisfiable")),
        ("spec.resourceClaims", ListSemantics.Map("name")),
        ("spec.schedulingGates", ListSemantics.Map("name")),
        ("resources.claims", ListSemantics.Map("name")),
        .. Container("containers"),
        .. Container("initContainers"),
        .. Container("ephemeralContainers"),
    ];

    private static readonly Dictionary<string, ListSchema> BuiltIn = new(StringComparer.Ordinal)
    {
        ["Pod"] = new(PodSpec),
        ["PodTemplate"] = new(PodSpec),
        ["ReplicationController"] = new(PodSpec),
        ["Deployment.apps"] = new(PodSpec),
        ["ReplicaSet.apps"] = new(PodSpec),
        ["StatefulSet.apps"] = new(PodSpec),
        ["DaemonSet.apps"] = new(PodSpec),
        ["Job.batch"] = new(PodSpec),
        ["CronJob.batch"] = new(PodSpec),
        ["Service"] = new([("spec.ports", ListSemantics.Map("port", "protocol"))]),
        ["ServiceAccount"] = new([("secrets", ListSemantics.Map("name")), ("imagePullSecrets", ListSemantics.Map("name"))]),
        ["ValidatingWebhookConfiguration.admissionregistration.k8s.io"] = new(Webhooks()),
        ["MutatingWebhookConfiguration.admissionregistration.k8s.io"] = new(Webhooks()),
        ["Gateway.gateway.networking.k8s.io"] = new([("spec.listeners", ListSemantics.Map("name")), ("status.listeners", ListSemantics.Map("name")), ("listeners.conditions", ListSemantics.Map("type"))]),
    };

    private readonly Dictionary<(string Parent, string Field), ListSemantics> lists = [];

    public ListSchema(IEnumerable<(string Field, ListSemantics Semantics)> lists)
    {
        ArgumentNullException.ThrowIfNull(lists);
        foreach ((string field, ListSemantics semantics) in Common.Concat(lists))
        {
            int dot = field.IndexOf('.', StringComparison.Ordinal);
            this.lists[dot < 0 ? ("", field) : (field[..dot], field[(dot + 1)..])] = semantics;
        }
    }

    /// <summary>For kinds that have no list types of their own: owner references, finalizers and conditions merge, all else is atomic.</summary>
    public static ListSchema Default { get; } = new([]);

    public static ListSchema For(string group, string kind)
    {
        ArgumentNullException.ThrowIfNull(group);
        return BuiltIn.GetValueOrDefault(group.Length == 0 ? kind : $"{kind}.{group}", Default);
    }

    public ListSemantics Of(string parent, string field) =>
        lists.GetValueOrDefault((parent, field), ListSemantics.Atomic);

    private static (string, ListSemantics)[] Container(string list) =>
    [
        ($"{list}.ports", ListSemantics.Map("containerPort", "protocol")),
        ($"{list}.env", ListSemantics.Map("name")),
        ($"{list}.volumeMounts", ListSemantics.Map("mountPath")),
        ($"{list}.volumeDevices", ListSemantics.Map("devicePath")),
    ];

    private static (string, ListSemantics)[] Webhooks() =>
        [("webhooks", ListSemantics.Map("name")), ("webhooks.matchConditions", ListSemantics.Map("name"))];
}
