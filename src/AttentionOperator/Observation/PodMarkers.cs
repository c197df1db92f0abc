using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Observation;

/// <summary>Words in a pod by which it is worth reading although its Deployment lacks none: memory ran out, a device is unhealthy, it is going to be disrupted, or it is marked to go.</summary>
internal static class PodMarkers
{
    public static bool Any(IEnumerable<KubeObject> pods)
    {
        foreach (var pod in pods)
        {
            var json = pod.Json.Span;
            if (json.IndexOf("OOMKilled"u8) >= 0 || json.IndexOf("OutOfMemory"u8) >= 0 || json.IndexOf("Unhealthy"u8) >= 0 || json.IndexOf("DisruptionTarget"u8) >= 0 || json.IndexOf("pod-deletion-cost"u8) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
