using System.Globalization;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Children;
using AttentionOperator.Diagnosis;
using k8s.Models;

namespace AttentionOperator.Memory;

/// <summary>A pod whose memory, or that of its device, ran out.</summary>
/// <param name="Reason"><see cref="PodFailureReason.OutOfMemoryKilled"/> or <see cref="StartFailureReason.OutOfMemory"/>.</param>
/// <param name="Message">The pod, and what is known of the request and the step.</param>
/// <param name="At">When it ended.</param>
/// <param name="MaxBatchTokens">Budget that the pod had; null: what its revision says.</param>
internal sealed record MemoryExhaustion(string Reason, string Message, DateTime? At, int? MaxBatchTokens)
{
    /// <summary>What a pod says of its container's last end; null where memory was not the cause. Pure.</summary>
    public static MemoryExhaustion? Of(V1Pod pod)
    {
        var container = pod.Status?.ContainerStatuses?.FirstOrDefault(status => status.Name == PodTemplate.ContainerName);
        var ended = container?.State?.Terminated ?? container?.LastState?.Terminated;
        var message = TerminationMessage.Parse(ended?.Message);
        var (reason, text) = (message, ended) switch
        {
            ({ Reason: StartFailureReason.OutOfMemory }, _) => (nameof(StartFailureReason.OutOfMemory), message!.Message),
            (_, { Reason: "OOMKilled" }) => (nameof(PodFailureReason.OutOfMemoryKilled), Killed(pod, ended.Message)),
            _ => (null, null),
        };
        return reason is null ? null : new MemoryExhaustion(reason, $"pod {pod.Metadata.Name}: {text}", ended!.FinishedAt, BudgetOf(pod));
    }

    private static string Killed(V1Pod pod, string? lastWords)
    {
        var limit = pod.Spec?.Containers.FirstOrDefault(spec => spec.Name == PodTemplate.ContainerName)?.Resources?.Limits?.TryGetValue("memory", out var memory) == true ? memory.ToString() : null;
        var step = LastStep.Parse(lastWords) is { } last ? $" in {last}" : "";
        return $"the kernel ended the runtime because it used more than its memory limit{(limit is null ? "" : $" of {limit}")}{step}";
    }

    private static int? BudgetOf(V1Pod pod) =>
        pod.Metadata.Annotations is { } annotations && annotations.TryGetValue(AnnotationNames.BatchTokens, out var text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var budget) ? budget : null;
}
