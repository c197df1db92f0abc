using System.Globalization;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Children;
using k8s.Models;

namespace AttentionOperator.Diagnosis;

/// <summary>Finds out what keeps pods from being ready, from what Kubernetes and the runtime say about them. Pure.</summary>
internal static class PodDiagnosis
{
    /// <summary>The failure that explains most: what the runtime said itself before what Kubernetes saw of it.</summary>
    /// <param name="pods">Pods of one revision.</param>
    /// <param name="fetches">How far pods are that fetch, by name.</param>
    public static PodFailure? Of(IEnumerable<V1Pod> pods, IReadOnlyDictionary<string, FetchProgress>? fetches = null) =>
        pods.Where(pod => pod.Metadata.DeletionTimestamp is null && !IsReady(pod))
            .OrderByDescending(pod => pod.Metadata.CreationTimestamp)
            .ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal)
            .Select(pod => Diagnose(pod, fetches?.GetValueOrDefault(pod.Metadata.Name)))
            .OfType<(int Rank, PodFailure Failure)>()
            .OrderBy(found => found.Rank)
            .Select(found => found.Failure)
            .FirstOrDefault();

    private static bool IsReady(V1Pod pod) =>
        pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    private static (int Rank, PodFailure Failure)? Diagnose(V1Pod pod, FetchProgress? fetch)
    {
        var container = pod.Status?.ContainerStatuses?.FirstOrDefault(status => status.Name == PodTemplate.ContainerName);
        return FetchDiagnosis.Of(pod, fetch) ?? Ended(pod, container) ?? Waiting(pod, container) ?? Scheduling(pod);
    }

    private static (int Rank, PodFailure Failure)? Ended(V1Pod pod, V1ContainerStatus? container)
    {
        if (container?.State?.Running is not null && container.Started == true)
        {
            return null; // It came up since; it may be loading or draining.
        }

        var ended = container?.State?.Terminated ?? container?.LastState?.Terminated;
        if (ended is null)
        {
            return pod.Status?.Reason == "Evicted"
                ? (4, new PodFailure(nameof(PodFailureReason.Evicted), $"pod {pod.Metadata.Name} was evicted: {pod.Status.Message}", false))
                : null;
        }

        if (TerminationMessage.Parse(ended.Message) is { } last)
        {
            return (0, new PodFailure(last.Reason.ToString(), $"{last.Message} (pod {pod.Metadata.Name}{Restarts(container!)})", true));
        }

        if (ended.Reason == "OOMKilled")
        {
            var limit = pod.Spec?.Containers.FirstOrDefault(spec => spec.Name == PodTemplate.ContainerName)?.Resources?.Limits?.TryGetValue("memory", out var memory) == true ? memory.ToString() : null;
            return (1, new PodFailure(
                nameof(PodFailureReason.OutOfMemoryKilled),
                $"pod {pod.Metadata.Name} was ended by the kernel because it used more than its memory limit{(limit is null ? "" : $" of {limit}")}{Restarts(container!)}; raise resources.memory, or lower limits.maxBatchTokens or batching.cacheMemory",
                true));
        }

        // One unexplained end may be chance; the back-off of a second one is not.
        return ended.ExitCode == 0 && container!.RestartCount == 0
            ? null
            : (3, new PodFailure(
                nameof(PodFailureReason.CrashLoop),
                $"the runtime in pod {pod.Metadata.Name} ended with exit code {ended.ExitCode.ToString(CultureInfo.InvariantCulture)} without a reason{Restarts(container!)}; see kubectl logs --previous {pod.Metadata.Name}",
                container!.RestartCount > 1 || container.State?.Waiting?.Reason == "CrashLoopBackOff"));
    }

    internal static (int Rank, PodFailure Failure)? Waiting(V1Pod pod, V1ContainerStatus? container)
    {
        var waiting = container?.State?.Waiting;
        return waiting?.Reason switch
        {
            "ErrImagePull" or "ImagePullBackOff" or "InvalidImageName" or "ErrImageNeverPull" or "RegistryUnavailable" or "ImageInspectError" =>
                (2, new PodFailure(
                    nameof(PodFailureReason.ImagePullFailed),
                    $"image {container!.Image} cannot be pulled for pod {pod.Metadata.Name} ({waiting.Reason}): {waiting.Message ?? "no details"}; check runtime.image and runtime.imagePullSecrets",
                    true)),
            "CreateContainerConfigError" or "CreateContainerError" or "RunContainerError" =>
                (2, new PodFailure(
                    nameof(PodFailureReason.ContainerConfigInvalid),
                    $"the container of pod {pod.Metadata.Name} cannot be created ({waiting.Reason}): {waiting.Message ?? "no details"}",
                    true)),
            "CrashLoopBackOff" =>
                (3, new PodFailure(nameof(PodFailureReason.CrashLoop), $"container {container!.Name} of pod {pod.Metadata.Name} ends again and again{Restarts(container)}; see kubectl logs --previous {pod.Metadata.Name} -c {container.Name}", true)),
            "FailedMount" or "VolumeMountFailed" =>
                (2, new PodFailure(nameof(PodFailureReason.VolumeMountFailed), $"a volume of pod {pod.Metadata.Name} cannot be mounted: {waiting.Message ?? "no details"}", true)),
            _ => null,
        };
    }

    private static (int Rank, PodFailure Failure)? Scheduling(V1Pod pod)
    {
        var condition = pod.Status?.Conditions?.FirstOrDefault(found => found is { Type: "PodScheduled", Status: "False" });
        if (condition is null)
        {
            return null;
        }

        // A claim that does not exist never binds by waiting; a busy cluster may free a node at any time.
        var claim = condition.Message?.Contains("persistentvolumeclaim", StringComparison.OrdinalIgnoreCase) == true
            && condition.Message.Contains("not found", StringComparison.OrdinalIgnoreCase);
        return claim
            ? (2, new PodFailure(nameof(PodFailureReason.VolumeMountFailed), $"pod {pod.Metadata.Name} cannot be scheduled: {condition.Message}; create the claim or correct model.uri", true))
            : (4, new PodFailure(nameof(PodFailureReason.Unschedulable), $"pod {pod.Metadata.Name} cannot be scheduled: {SchedulingMessage.Explain(pod, condition.Message ?? condition.Reason)}", false));
    }

    internal static string Restarts(V1ContainerStatus container) =>
        container.RestartCount == 0 ? "" : $", restarted {container.RestartCount.ToString(CultureInfo.InvariantCulture)} times";
}
