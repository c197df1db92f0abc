using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Jobs;

/// <summary>Runs Jobs to completion and removes them when their time to live is over.</summary>
internal sealed class JobReconciler(ClusterCaches caches, ClusterWriter writer, EventRecorder events, OwnWrites<ObjectKey> writes, TimeProvider time)
    : IReconciler<ObjectKey>
{
    private const string Component = "job-controller";

    public async ValueTask<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (caches.Jobs.Get(key) is not { } job)
        {
            writes.Forget(key);
            return ReconcileResult.Done;
        }

        if (job.Metadata.DeletionTimestamp is not null)
        {
            return ReconcileResult.Done;
        }

        var now = time.GetUtcNow().UtcDateTime;
        if (Finished(job) is { } finished)
        {
            return await ExpireAsync(job, finished, now, cancellation).ConfigureAwait(false);
        }

        var pods = caches.Pods.ByIndex(IndexNames.Owner, job.Metadata.Uid);
        var plan = JobPlanner.Plan(job, pods, now);
        foreach (var pod in plan.Delete)
        {
            if (await writer.DeleteAsync(pod, cancellation).ConfigureAwait(false))
            {
                writes.RecordDelete(key, caches.Pods, new ObjectIdentity(ClusterWriter.KeyOf(pod), pod.Metadata.Uid, pod.Metadata.ResourceVersion));
                events.Record(job, "Normal", "SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}", Component);
            }
        }

        var wait = TimeSpan.Zero;
        if (plan.Create > 0 && plan.Finished is null)
        {
            wait = JobPlanner.Backoff(plan.Failed) - (now - NewestFailure(pods, now));
            if (wait <= TimeSpan.Zero)
            {
                await Task.WhenAll(Enumerable.Range(0, plan.Create).Select(_ => CreateAsync(key, job, cancellation))).ConfigureAwait(false);
            }
        }

        await WriteStatusAsync(key, job, plan, now, cancellation).ConfigureAwait(false);
        return Next(job, plan, wait, now);
    }

    private static ReconcileResult Next(V1Job job, JobPlan plan, TimeSpan wait, DateTime now)
    {
        if (plan.Finished is not null)
        {
            return ReconcileResult.Done;
        }

        var due = new List<TimeSpan>();
        if (wait > TimeSpan.Zero)
        {
            due.Add(wait);
        }

        if (job.Spec.ActiveDeadlineSeconds is { } deadline)
        {
            due.Add((job.Status?.StartTime ?? now).AddSeconds(deadline) - now);
        }

        var next = due.Where(d => d > TimeSpan.Zero).DefaultIfEmpty(TimeSpan.Zero).Min();
        return next > TimeSpan.Zero ? ReconcileResult.Waiting(next + TimeSpan.FromMilliseconds(10), "BackoffOrDeadline") : ReconcileResult.Done;
    }

    private async Task<ReconcileResult> ExpireAsync(V1Job job, V1JobCondition finished, DateTime now, CancellationToken cancellation)
    {
        if (job.Spec.TtlSecondsAfterFinished is not { } seconds)
        {
            return ReconcileResult.Done;
        }

        var due = (finished.LastTransitionTime ?? now).AddSeconds(seconds) - now;
        if (due > TimeSpan.Zero)
        {
            return ReconcileResult.Waiting(due + TimeSpan.FromMilliseconds(10), "TimeToLive");
        }

        await writer.DeleteAsync(job, cancellation).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    private async Task CreateAsync(ObjectKey key, V1Job job, CancellationToken cancellation)
    {
        var template = job.Spec.Template;
        var created = await writer.CreateAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta
                {
                    GenerateName = job.Metadata.Name + "-",
                    NamespaceProperty = key.Namespace,
                    Labels = template.Metadata?.Labels,
                    Annotations = template.Metadata?.Annotations,
                    OwnerReferences = [OwnerReferences.To(job)],
                },
                Spec = template.Spec,
            },
            cancellation).ConfigureAwait(false);
        writes.Record(key, caches.Pods, created);
        events.Record(job, "Normal", "SuccessfulCreate", $"Created pod: {created.Key.Name}", Component);
    }

    private async Task WriteStatusAsync(ObjectKey key, V1Job job, JobPlan plan, DateTime now, CancellationToken cancellation)
    {
        var conditions = job.Status?.Conditions?.ToList() ?? [];
        if (plan.Finished is { } finished)
        {
            conditions.Add(Condition(finished.Type == "Complete" ? "SuccessCriteriaMet" : "FailureTarget", finished.Reason, finished.Message, now));
            conditions.Add(Condition(finished.Type, finished.Reason, finished.Message, now));
            events.Record(job, finished.Type == "Complete" ? "Normal" : "Warning", finished.Type == "Complete" ? "Completed" : finished.Reason, finished.Message, Component);
        }

        var status = new V1JobStatus
        {
            StartTime = job.Spec.Suspend == true ? null : job.Status?.StartTime ?? now,
            Active = plan.Finished is null ? plan.Active : 0,
            Ready = plan.Finished is null ? plan.Ready : 0,
            Terminating = plan.Terminating,
            Succeeded = plan.Succeeded,
            Failed = plan.Failed,
            CompletionTime = plan.Finished?.Type == "Complete" ? now : null,
            Conditions = conditions.Count == 0 ? null : conditions,
            UncountedTerminatedPods = new V1UncountedTerminatedPods(),
        };
        if (!PatchJson.Same(status, job.Status)
            && await writer.PatchStatusAsync(job, status, cancellation).ConfigureAwait(false) is { } written)
        {
            writes.Record(key, caches.Jobs, written);
        }
    }

    private static V1JobCondition Condition(string type, string reason, string message, DateTime now) =>
        new() { Type = type, Status = "True", Reason = reason, Message = message, LastProbeTime = now, LastTransitionTime = now };

    private static V1JobCondition? Finished(V1Job job) =>
        job.Status?.Conditions?.FirstOrDefault(c => c is { Status: "True", Type: "Complete" or "Failed" });

    private static DateTime NewestFailure(IEnumerable<V1Pod> pods, DateTime now) =>
        pods.Where(p => p.Status?.Phase == "Failed")
            .Select(p => (p.Status.ContainerStatuses ?? []).Max(c => c.State?.Terminated?.FinishedAt) ?? p.Metadata.CreationTimestamp ?? now)
            .DefaultIfEmpty(DateTime.MinValue.AddYears(1))
            .Max();
}
