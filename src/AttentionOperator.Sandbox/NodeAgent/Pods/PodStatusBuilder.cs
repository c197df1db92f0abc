using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Pods;

/// <summary>The status that the node agent writes for what it observes. Conditions of other writers are kept.</summary>
internal static class PodStatusBuilder
{
    private const string True = "True";
    private const string False = "False";

    /// <param name="last">What was written last: it may be newer than the pod object at hand.</param>
    public static V1PodStatus Build(PodObservation observed, V1PodStatus? last, DateTimeOffset now)
    {
        var pod = observed.Pod;
        var sidecars = (pod.Spec.InitContainers ?? []).Where(c => c.RestartPolicy == "Always").Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        var init = observed.InitContainers.Where(s => !sidecars.Contains(s.Name)).ToList();
        var phase = observed.FailureReason is not null
            ? PodPhase.Failed
            : PodPhase.Of(pod.Spec.RestartPolicy, init, observed.Containers, observed.Terminal);
        return new V1PodStatus
        {
            Phase = phase,
            Reason = observed.FailureReason,
            Message = observed.FailureMessage,
            ObservedGeneration = pod.Metadata.Generation,
            StartTime = observed.StartedAt.UtcDateTime,
            HostIP = observed.HostAddress,
            HostIPs = [new V1HostIP { Ip = observed.HostAddress }],
            PodIP = observed.Address,
            PodIPs = observed.Address is null ? null : [new V1PodIP { Ip = observed.Address }],
            QosClass = pod.Status?.QosClass ?? QualityOfService.Of(pod),
            Conditions = Conditions(observed, last, init, sidecars, phase, now),
            InitContainerStatuses = observed.InitContainers.Count == 0 ? null : [.. observed.InitContainers],
            ContainerStatuses = [.. observed.Containers],
        };
    }

    private static List<V1PodCondition> Conditions(
        PodObservation observed, V1PodStatus? last, List<V1ContainerStatus> init, HashSet<string> sidecars, string phase, DateTimeOffset now)
    {
        var pod = observed.Pod;
        var existing = pod.Status?.Conditions ?? [];
        var notInitialized = init.Where(s => s.State?.Terminated is not { ExitCode: 0 }).Select(s => s.Name).ToList();
        List<V1ContainerStatus> serving = [.. observed.InitContainers.Where(s => sidecars.Contains(s.Name)), .. observed.Containers];
        var unready = serving.Where(s => !s.Ready).Select(s => s.Name).ToList();
        var containers = phase switch
        {
            PodPhase.Succeeded => (False, "PodCompleted", null),
            PodPhase.Failed => (False, "PodFailed", null),
            _ => unready.Count == 0
                ? (True, null, null)
                : (False, "ContainersNotReady", (string?)$"containers with unready status: [{string.Join(' ', unready)}]"),
        };
        var closed = (pod.Spec.ReadinessGates ?? [])
            .Where(g => !existing.Any(c => c.Type == g.ConditionType && c.Status == True))
            .Select(g => g.ConditionType)
            .ToList();
        var ready = containers.Item1 == True && closed.Count > 0
            ? (False, "ReadinessGatesNotReady", $"the status of pod readiness gate \"{closed[0]}\" is not \"True\", but False")
            : containers;
        List<(string Type, string Status, string? Reason, string? Message)> own =
        [
            ("PodReadyToStartContainers", observed.VolumesReady && !PodPhase.IsFinal(phase) ? True : False, null, null),
            notInitialized.Count == 0 || phase == PodPhase.Succeeded
                ? ("Initialized", True, phase == PodPhase.Succeeded ? "PodCompleted" : null, null)
                : ("Initialized", False, "ContainersNotInitialized", $"containers with incomplete status: [{string.Join(' ', notInitialized)}]"),
            ("Ready", ready.Item1, ready.Item2, ready.Item3),
            ("ContainersReady", containers.Item1, containers.Item2, containers.Item3),
            ("PodScheduled", True, null, null),
        ];
        var result = own.Select(c => Transition(last?.Conditions ?? existing, c.Type, c.Status, c.Reason, c.Message, pod.Metadata.Generation, now)).ToList();
        result.AddRange(existing.Where(c => own.All(o => o.Type != c.Type)));
        return result;
    }

    private static V1PodCondition Transition(
        IList<V1PodCondition> existing, string type, string status, string? reason, string? message, long? generation, DateTimeOffset now)
    {
        var before = existing.FirstOrDefault(c => c.Type == type);
        return new V1PodCondition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            ObservedGeneration = generation,
            LastTransitionTime = before?.Status == status && before.LastTransitionTime is { } time ? time : now.UtcDateTime,
        };
    }
}
