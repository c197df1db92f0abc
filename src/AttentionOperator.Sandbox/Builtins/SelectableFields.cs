namespace AttentionOperator.Sandbox.Builtins;

/// <summary>Field selectors that each built-in resource supports beside name and namespace.</summary>
internal static class SelectableFields
{
    private static readonly string[] Common = ["metadata.name", "metadata.namespace"];

    public static IReadOnlyList<string> Of(string group, string plural) => (group, plural) switch
    {
        ("", "pods") =>
        [
            .. Common, "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP",
            "status.nominatedNodeName",
        ],
        ("", "nodes") => [.. Common, "spec.unschedulable"],
        ("", "namespaces") => [.. Common, "status.phase"],
        ("", "secrets") => [.. Common, "type"],
        ("", "services") => [.. Common, "spec.clusterIP", "spec.type"],
        ("", "events") =>
        [
            .. Common, "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        ],
        ("events.k8s.io", "events") =>
        [
            .. Common, "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid", "regarding.apiVersion", "regarding.resourceVersion",
            "regarding.fieldPath", "reason", "reportingController", "type",
        ],
        ("", "replicationcontrollers") => [.. Common, "status.replicas"],
        ("batch", "jobs") => [.. Common, "status.successful"],
        _ => Common,
    };
}
