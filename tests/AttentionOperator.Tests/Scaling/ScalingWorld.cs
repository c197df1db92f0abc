using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Demand;
using AttentionOperator.Scaling;

namespace AttentionOperator.Tests.Scaling;

/// <summary>A model under load and a clock of the mind: each step is one look, a second apart.</summary>
internal sealed class ScalingWorld(ScalingSpec scaling, int replicas = 1)
{
    private readonly List<(DateTimeOffset At, int From, int To)> changes = [];
    private ScalingMemory memory = ScalingMemory.Empty;
    private DateTimeOffset now = new(2026, 5, 1, 8, 0, 0, TimeSpan.Zero);
    private DateTimeOffset lastRequest = new(2026, 5, 1, 8, 0, 0, TimeSpan.Zero);
    private DateTimeOffset knownSince = new(2026, 5, 1, 8, 0, 0, TimeSpan.Zero);

    public int Replicas { get; set; } = replicas;

    public bool IsComplete { get; set; } = true;

    public RolloutPhase Phase { get; set; } = RolloutPhase.Completed;

    public List<ScalingReason> Reasons { get; } = [];

    public TimeSpan IdleFor => now - lastRequest;

    public TimeSpan KnownFor => now - knownSince;

    public void Restart()
    {
        memory = ScalingMemory.Empty;
        knownSince = now;
        changes.Clear(); // What a policy counts is not kept over a restart.
    }

    public int Grown(TimeSpan within) => changes.Where(change => now - change.At < within && change.To > change.From && change.From > 0).Sum(change => change.To - change.From);

    public int Shrunk(TimeSpan within) => changes.Where(change => now - change.At < within && change.To < change.From).Sum(change => change.From - change.To);

    public void Steps(double seconds, long queued, long running)
    {
        for (var second = 0; second < seconds; second++)
        {
            now += TimeSpan.FromSeconds(1);
            if (queued > 0 || running > 0)
            {
                lastRequest = now;
            }

            if (!IsComplete)
            {
                knownSince = now;
            }

            var verdict = ScalingDecider.Decide(new ScalingSituation
            {
                Spec = new AttentionModelSpec { Replicas = Replicas, Scaling = scaling, Batching = new BatchingSpec { MaxSequences = 8 } },
                Status = new AttentionModelStatus { StableRevision = "a", Rollout = new RolloutStatus { Phase = Phase, Revision = "a" } },
                Demand = new ModelDemand
                {
                    IsComplete = IsComplete,
                    Queued = queued,
                    LastActivity = lastRequest,
                    Revisions = [new RevisionDemand("a", queued, running, running * 100)],
                    Pods = [.. Enumerable.Range(0, Replicas).Select(index => new PodLoad($"a-{index}", "a", true))],
                },
                Memory = memory,
                Now = now,
            });
            memory = verdict.Memory;
            if (verdict.Reason is { } reason)
            {
                Reasons.Add(reason);
            }

            if (verdict.Replicas != Replicas)
            {
                changes.Add((now, Replicas, verdict.Replicas));
                memory = memory.After(new ReplicaChange(now, Replicas, verdict.Replicas));
                Replicas = verdict.Replicas;
            }
        }
    }
}
