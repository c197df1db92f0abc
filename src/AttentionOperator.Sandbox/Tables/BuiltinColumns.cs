using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Tables;

/// <summary>The usual columns of the built-in kinds.</summary>
internal static class BuiltinColumns
{
    private static readonly TableColumn Age = TableColumns.AgeColumn;

    public static IReadOnlyList<TableColumn>? Of(string key) => key switch
    {
        "/pods" =>
        [
            Text("Ready", PodSummary.Ready), Text("Status", PodSummary.Status),
            new("Restarts", "string", (o, now) => PodSummary.Restarts(o, now)), Age,
        ],
        "apps/deployments" =>
        [
            Text("Ready", o => $"{Number(o, "status", "readyReplicas")}/{Number(o, "spec", "replicas")}"),
            Integer("Up-to-date", o => Number(o, "status", "updatedReplicas")), Integer("Available", o => Number(o, "status", "availableReplicas")), Age,
        ],
        "apps/replicasets" =>
        [
            Integer("Desired", o => Number(o, "spec", "replicas")), Integer("Current", o => Number(o, "status", "replicas")),
            Integer("Ready", o => Number(o, "status", "readyReplicas")), Age,
        ],
        "apps/statefulsets" => [Text("Ready", o => $"{Number(o, "status", "readyReplicas")}/{Number(o, "spec", "replicas")}"), Age],
        "batch/jobs" =>
        [
            Text("Status", JobSummary.Status), Text("Completions", JobSummary.Completions),
            new("Duration", "string", (o, now) => JobSummary.Duration(o, now)), Age,
        ],
        "/services" =>
        [
            Text("Type", o => o.At("spec", "type").AsText()), Text("Cluster-IP", o => o.At("spec", "clusterIP").AsText() ?? "<none>"),
            Text("External-IP", o => o.At("spec", "externalName").AsText() ?? "<none>"), Text("Port(s)", ServicePorts), Age,
        ],
        "/configmaps" => [Integer("Data", o => Count(o, "data") + Count(o, "binaryData")), Age],
        "/secrets" => [Text("Type", o => o.Text("type")), Integer("Data", o => Count(o, "data")), Age],
        "/serviceaccounts" => [Integer("Secrets", o => o.Array("secrets")?.Count ?? 0), Age],
        "/namespaces" => [Text("Status", o => o.At("status", "phase").AsText()), Age],
        "/nodes" =>
        [
            Text("Status", NodeSummary.Status), Text("Roles", NodeSummary.Roles), Age, Text("Version", o => o.At("status", "nodeInfo", "kubeletVersion").AsText() ?? "<unknown>"),
        ],
        "/events" =>
        [
            new("Last Seen", "string", (o, now) => Ages.Since(o.Text("lastTimestamp") ?? o.At("series", "lastObservedTime").AsText() ?? o.Text("eventTime") ?? o.At("metadata", "creationTimestamp").AsText(), now)),
            Text("Type", o => o.Text("type")), Text("Reason", o => o.Text("reason")),
            Text("Object", o => $"{((o["involvedObject"] ?? o["regarding"]).Text("kind") ?? "").ToLowerInvariant()}/{(o["involvedObject"] ?? o["regarding"]).Text("name")}"),
            Text("Message", o => (o.Text("message") ?? o.Text("note") ?? "").Trim()),
        ],
        "/persistentvolumeclaims" =>
        [
            Text("Status", o => o.At("status", "phase").AsText() ?? ""), Text("Volume", o => o.At("spec", "volumeName").AsText() ?? ""),
            Text("Capacity", o => o.At("status", "capacity", "storage").AsText() ?? ""), Text("Access Modes", o => Modes(o.At("status", "accessModes") as JsonArray)),
            Text("StorageClass", o => o.At("spec", "storageClassName").AsText() ?? ""), Text("VolumeAttributesClass", _ => "<unset>"), Age,
        ],
        "autoscaling/horizontalpodautoscalers" =>
        [
            Text("Reference", o => $"{o.At("spec", "scaleTargetRef", "kind").AsText()}/{o.At("spec", "scaleTargetRef", "name").AsText()}"),
            Text("Targets", AutoscalerSummary.Targets), Text("MinPods", o => Shown(Number(o, "spec", "minReplicas"))),
            Integer("MaxPods", o => Number(o, "spec", "maxReplicas")), Integer("Replicas", o => Number(o, "status", "currentReplicas")), Age,
        ],
        "policy/poddisruptionbudgets" =>
        [
            Text("Min Available", o => AnyText(o.At("spec", "minAvailable"))), Text("Max Unavailable", o => AnyText(o.At("spec", "maxUnavailable"))),
            Integer("Allowed Disruptions", o => Number(o, "status", "disruptionsAllowed")), Age,
        ],
        "discovery.k8s.io/endpointslices" =>
        [
            Text("AddressType", o => o.Text("addressType")),
            Text("Ports", o => Joined(o.Array("ports").Objects().Select(p => AnyText(p["port"])), "<unset>")),
            Text("Endpoints", o => Joined(o.Array("endpoints").Objects().SelectMany(e => e.Array("addresses")?.Select(a => a.AsText()!) ?? []), "<unset>")), Age,
        ],
        "coordination.k8s.io/leases" => [Text("Holder", o => o.At("spec", "holderIdentity").AsText() ?? ""), Age],
        "apps/controllerrevisions" =>
        [
            Text("Controller", o => (o.At("metadata", "ownerReferences") as JsonArray).Objects().Where(r => r.Flag("controller") == true).Select(r => $"{r.Text("kind")!.ToLowerInvariant()}/{r.Text("name")}").FirstOrDefault() ?? "<none>"),
            Integer("Revision", o => o.Integer("revision") ?? 0), Age,
        ],
        "apiextensions.k8s.io/customresourcedefinitions" => [Text("Created At", o => o.At("metadata", "creationTimestamp").AsText())],
        "rbac.authorization.k8s.io/roles" or "rbac.authorization.k8s.io/clusterroles" => [Text("Created At", o => o.At("metadata", "creationTimestamp").AsText())],
        "rbac.authorization.k8s.io/rolebindings" or "rbac.authorization.k8s.io/clusterrolebindings" =>
            [Text("Role", o => $"{o.At("roleRef", "kind").AsText()}/{o.At("roleRef", "name").AsText()}"), Age],
        "apiregistration.k8s.io/apiservices" =>
        [
            Text("Service", o => o.At("spec", "service") is JsonObject s ? $"{s.Text("namespace")}/{s.Text("name")}" : "Local"),
            Text("Available", o => (o.At("status", "conditions") as JsonArray).Objects().FirstOrDefault(c => c.Text("type") == "Available") is { } c
                ? c.Text("status") == "True" ? "True" : $"{c.Text("status")} ({c.Text("reason")})" : "Unknown"),
            Age,
        ],
        "scheduling.k8s.io/priorityclasses" =>
        [
            Integer("Value", o => o.Integer("value") ?? 0), new("Global-Default", "boolean", (o, _) => o.Flag("globalDefault") ?? false), Age,
            Text("PreemptionPolicy", o => o.Text("preemptionPolicy") ?? "PreemptLowerPriority"),
        ],
        "networking.k8s.io/networkpolicies" => [Text("Pod-Selector", o => Builtins.LabelSelectors.Format(o.At("spec", "podSelector") as JsonObject) is { Length: > 0 } s ? s : "<none>"), Age],
        "admissionregistration.k8s.io/mutatingwebhookconfigurations" or "admissionregistration.k8s.io/validatingwebhookconfigurations" =>
            [Integer("Webhooks", o => o.Array("webhooks")?.Count ?? 0), Age],
        _ => null,
    };

    /// <summary>Columns of the wide form.</summary>
    public static IReadOnlyList<TableColumn> Extra(string key) => key switch
    {
        "/pods" =>
        [
            Wide("IP", o => o.At("status", "podIP").AsText() ?? "<none>"), Wide("Node", o => o.At("spec", "nodeName").AsText() ?? "<none>"),
            Wide("Nominated Node", o => o.At("status", "nominatedNodeName").AsText() ?? "<none>"), Wide("Readiness Gates", _ => "<none>"),
        ],
        "apps/deployments" or "apps/replicasets" or "batch/jobs" =>
        [
            Wide("Containers", o => Joined(Containers(o).Select(c => c.Text("name")!))), Wide("Images", o => Joined(Containers(o).Select(c => c.Text("image")!))),
            Wide("Selector", o => Builtins.LabelSelectors.Format(o.At("spec", "selector") as JsonObject)),
        ],
        "/services" => [Wide("Selector", o => Joined((o.At("spec", "selector") as JsonObject)?.Select(s => $"{s.Key}={s.Value.AsText()}") ?? []))],
        "/nodes" =>
        [
            Wide("Internal-IP", o => NodeSummary.Address(o, "InternalIP")), Wide("External-IP", o => NodeSummary.Address(o, "ExternalIP")),
            Wide("OS-Image", o => NodeSummary.Info(o, "osImage")), Wide("Kernel-Version", o => NodeSummary.Info(o, "kernelVersion")),
            Wide("Container-Runtime", o => NodeSummary.Info(o, "containerRuntimeVersion")),
        ],
        _ => [],
    };

    private static TableColumn Text(string name, Func<JsonObject, string?> cell) => new(name, "string", (o, _) => cell(o));

    private static TableColumn Wide(string name, Func<JsonObject, string?> cell) => new(name, "string", (o, _) => cell(o), 1);

    private static TableColumn Integer(string name, Func<JsonObject, long> cell) => new(name, "integer", (o, _) => cell(o));

    private static long Number(JsonObject obj, string part, string name) => obj.At(part, name).AsInteger() ?? 0;

    private static string Shown(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static long Count(JsonObject obj, string name) => obj.Object(name)?.Count ?? 0;

    private static IEnumerable<JsonObject> Containers(JsonObject obj) => (obj.At("spec", "template", "spec", "containers") as JsonArray).Objects();

    private static string AnyText(JsonNode? value) => value is null ? "N/A" : value.AsText() ?? JsonFormat.ToText(value);

    private static string Joined(IEnumerable<string> parts, string none = "<none>")
    {
        var all = parts.ToList();
        if (all.Count == 0) return none;
        return all.Count > 3 ? $"{string.Join(",", all.Take(3))} + {all.Count - 3} more..." : string.Join(",", all);
    }

    private static string Modes(JsonArray? modes) => string.Join(",", modes?.Select(m => m.AsText() switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        _ => "RWOP",
    }) ?? []);

    private static string ServicePorts(JsonObject obj) => Joined((obj.At("spec", "ports") as JsonArray).Objects().Select(p =>
        p.Integer("nodePort") is { } node and > 0 ? $"{p.Integer("port")}:{node}/{p.Text("protocol")}" : $"{p.Integer("port")}/{p.Text("protocol")}"));
}
