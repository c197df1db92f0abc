using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Children;
using AttentionOperator.Evaluation;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Observation;

/// <summary>Reads what decisions need out of cached JSON, without building whole models.</summary>
internal static class ChildReader
{
    public static ObservedChild Child(KubeObject value) => new(value.Resource, value.Key, value.Uid, value.Label(LabelNames.Revision));

    public static ObservedDeployment? Deployment(KubeObject value)
    {
        if (value.Label(LabelNames.Revision) is not { } revision)
        {
            return null;
        }

        using var document = value.Parse();
        var spec = Property(document.RootElement, "spec");
        var status = Property(document.RootElement, "status");
        return new ObservedDeployment
        {
            Name = value.Key.Name,
            Uid = value.Uid,
            Revision = revision,
            IsDeleting = value.IsDeleting,
            Replicas = Number(spec, "replicas") ?? 1,
            Pods = Number(status, "replicas") ?? 0,
            ReadyReplicas = Number(status, "readyReplicas") ?? 0,
            Image = RuntimeImage(spec),
            RenderVersion = Property(Property(Property(spec, "template"), "spec"), "topologySpreadConstraints").ValueKind == JsonValueKind.Array ? 2 : 1,
        };
    }

    /// <summary>A run of an evaluation, from its Job and the pods that this made.</summary>
    public static EvaluationObservation Evaluation(KubeObject job, IEnumerable<KubeObject> pods)
    {
        var own = pods.Where(pod => pod.Owners.Any(owner => owner.Uid == job.Uid)).Select(pod => pod.As<V1Pod>()).ToList();
        var ends = own.Select(pod => pod.Status?.ContainerStatuses?.FirstOrDefault(status => status.Name == EvaluationJob.ContainerName)?.State?.Terminated).OfType<V1ContainerStateTerminated>().ToList();
        if (ends.Select(end => EvaluationReport.Parse(end.Message)).FirstOrDefault(found => found is not null) is { } report)
        {
            return new EvaluationObservation(job.Key.Name, report, null);
        }

        var finished = job.As<V1Job>().Status?.Conditions?.FirstOrDefault(condition => condition is { Status: "True", Type: "Complete" or "Failed" });
        var waits = own.Select(pod => pod.Status?.ContainerStatuses?.FirstOrDefault()?.State?.Waiting?.Message).FirstOrDefault(message => message is not null);
        return new EvaluationObservation(job.Key.Name, null, finished is null ? null
            : ends.Select(end => TerminationMessage.Parse(end.Message)?.Message).FirstOrDefault(message => message is not null)
            ?? string.Join(": ", new[] { finished.Reason ?? finished.Type, finished.Message, waits }.Where(text => !string.IsNullOrEmpty(text))));
    }

    /// <summary>A pod that is ending; null where its containers have ended already.</summary>
    public static LeavingPod? Leaving(KubeObject value) =>
        value.As<V1Pod>() is { Metadata.DeletionTimestamp: { } deadline } pod && pod.Status?.Phase is not ("Succeeded" or "Failed") ? new LeavingPod(value.Label(LabelNames.Revision)!, deadline) : null;

    public static ObservedRevision? Revision(KubeObject value)
    {
        if (value.Label(LabelNames.Revision) is not { } revision || value.IsDeleting)
        {
            return null;
        }

        using var document = value.Parse();
        var data = Property(document.RootElement, "data").Clone();
        return new ObservedRevision
        {
            Name = value.Key.Name,
            Uid = value.Uid,
            Hash = revision,
            Number = document.RootElement.TryGetProperty("revision", out var number) && number.TryGetInt64(out var parsed) ? parsed : 0,
            Data = data,
            Snapshot = Snapshot(data),
        };
    }

    private static RevisionSnapshot? Snapshot(JsonElement data)
    {
        try
        {
            return data.ValueKind == JsonValueKind.Object && data.Deserialize<RevisionSnapshot>(KubeJson.Options) is { } snapshot
                && RevisionRenderer.Knows(snapshot) && ArtifactUri.TryParse(snapshot.Model.Uri, out _, out _)
                ? snapshot
                : null;
        }
        catch (JsonException)
        {
            return null; // Written by a newer operator, or by hand; it stays as it is.
        }
    }

    private static string? RuntimeImage(JsonElement spec)
    {
        var containers = Property(Property(Property(spec, "template"), "spec"), "containers");
        if (containers.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        foreach (var container in containers.EnumerateArray())
        {
            if (Property(container, "name") is { ValueKind: JsonValueKind.String } name && name.ValueEquals(PodTemplate.ContainerName))
            {
                return Property(container, "image") is { ValueKind: JsonValueKind.String } image ? image.GetString() : null;
            }
        }

        return null;
    }

    private static JsonElement Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static int? Number(JsonElement element, string name) =>
        Property(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) ? value : null;
}
