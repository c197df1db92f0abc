using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Jobs;

/// <summary>Decides about a Job from its pods. Indexed completion is not supported: every completion is like the others.</summary>
internal static class JobPlanner
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(10);

    public static JobPlan Plan(V1Job job, IReadOnlyCollection<V1Pod> pods, DateTime now)
    {
        var spec = job.Spec;
        var active = pods.Where(PodFacts.IsActive).ToList();
        var succeeded = pods.Count(p => p.Status?.Phase == "Succeeded");
        var failed = pods.Count(p => p.Status?.Phase == "Failed");
        // Under OnFailure the pods stay and their containers restart: those count as failures as well.
        var failures = failed + (spec.Template.Spec.RestartPolicy == "OnFailure" ? active.Sum(PodFacts.Restarts) : 0);
        var limit = spec.BackoffLimit ?? 6;
        var plan = new JobPlan(
            0, [], null, active.Count, active.Count(PodFacts.IsReady), succeeded, failed,
            pods.Count(p => p.Metadata.DeletionTimestamp is not null && !PodFacts.IsFinished(p)));
        if (failures > limit)
        {
            return plan with { Delete = active, Finished = ("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit") };
        }

        if (spec.ActiveDeadlineSeconds is { } deadline && job.Status?.StartTime is { } started && now >= started.AddSeconds(deadline))
        {
            return plan with { Delete = active, Finished = ("Failed", "DeadlineExceeded", "Job was active longer than specified deadline") };
        }

        if (spec.Suspend == true)
        {
            return plan with { Delete = active };
        }

        return spec.Completions is { } completions
            ? Fixed(plan, spec.Parallelism ?? 1, completions, active)
            : WorkQueue(plan, spec.Parallelism ?? 1, active);
    }

    /// <summary>How long to wait after the newest failure before another pod is started: 10 s, doubled with each failure, ten minutes at most.</summary>
    public static TimeSpan Backoff(int failures)
    {
        if (failures == 0)
        {
            return TimeSpan.Zero;
        }

        var delay = FirstBackoff * Math.Pow(2, Math.Min(failures - 1, 16));
        return delay > LongestBackoff ? LongestBackoff : delay;
    }

    private static JobPlan Fixed(JobPlan plan, int parallelism, int completions, List<V1Pod> active)
    {
        if (plan.Succeeded >= completions)
        {
            return plan with { Delete = active, Finished = ("Complete", "CompletionsReached", "Reached expected number of succeeded pods") };
        }

        return Adjust(plan, Math.Min(parallelism, completions - plan.Succeeded), active);
    }

    // Without a number of completions the first success says that the work is done.
    private static JobPlan WorkQueue(JobPlan plan, int parallelism, List<V1Pod> active)
    {
        if (plan.Succeeded == 0)
        {
            return Adjust(plan, parallelism, active);
        }

        return active.Count == 0
            ? plan with { Finished = ("Complete", "CompletionsReached", "Reached expected number of succeeded pods") }
            : plan;
    }

    private static JobPlan Adjust(JobPlan plan, int wanted, List<V1Pod> active) => active.Count <= wanted
        ? plan with { Create = wanted - active.Count }
        : plan with { Delete = [.. ReplicaSets.DeletionOrder.Sort(active).Take(active.Count - wanted)] };
}
