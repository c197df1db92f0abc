using System.Text.Json.Nodes;

namespace AttentionOperator.Packaging.Tests.Manifests;

/// <summary>Finds the pods that manifests ask for.</summary>
internal static class Pods
{
    public static IEnumerable<PodOfManifest> In(IEnumerable<JsonNode> objects) =>
        from item in objects
        let spec = (string)item["kind"]! switch
        {
            "Pod" => item["spec"],
            "Deployment" or "StatefulSet" or "DaemonSet" or "ReplicaSet" or "Job" => item["spec"]!["template"]!["spec"],
            "CronJob" => item["spec"]!["jobTemplate"]!["spec"]!["template"]!["spec"],
            _ => null,
        }
        where spec is not null
        select new PodOfManifest($"{item["kind"]}/{item["metadata"]!["name"]}", spec);
}
