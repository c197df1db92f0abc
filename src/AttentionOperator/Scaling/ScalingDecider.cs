using System.Globalization;
using AttentionOperator.Api.Scaling;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;

namespace AttentionOperator.Scaling;

/// <summary>
/// Decides the number of replicas: to zero and from zero in every mode, and everything between in mode Operator. Pure.
/// <para>
/// Mode Operator follows the mean load of a stable window, and of a short panic window while that asks for at least twice what is there (the two windows are those
/// of Knative's pod autoscaler); in panic nothing is taken away. Then come the windows and policies of <c>spec.scaling.behavior</c>, then the bounds.
/// </para>
/// </summary>
internal static class ScalingDecider
{
    public static readonly TimeSpan StableWindow = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan PanicWindow = TimeSpan.FromSeconds(6);

    /// <summary>Panic begins where the short window asks for this many times the replicas that there are.</summary>
    public const decimal PanicThreshold = 2;

    // Differences within a tenth are noise, as for the HorizontalPodAutoscaler.
    private const decimal Tolerance = 0.1m;

    private static readonly TimeSpan UnknownBeforeWord = TimeSpan.FromSeconds(60);

    public static ScalingVerdict Decide(ScalingSituation situation)
    {
        var scaling = situation.Spec.Scaling ?? throw new ArgumentException("the spec has no scaling", nameof(situation));
        var current = situation.Spec.Replicas;
        var memory = Remember(situation, current);
        if (current == 0)
        {
            return scaling.MinReplicas == 0 && situation.Demand.Queued > 0
                ? Verdict(Wake(situation, scaling), ScalingReason.WokenUp, $"{situation.Demand.Queued} requests wait", memory, current, situation.Now)
                : Unchanged(current, memory); // A model that is switched off stays so.
        }

        if (IsIdle(situation, scaling, memory, out var idle))
        {
            return Verdict(0, ScalingReason.ScaledToZero, $"nobody asked for the model for {Durations.Format(idle)}", memory, current, situation.Now);
        }

        return scaling.Mode == ScalingMode.Operator ? Between(situation, scaling, memory, current) : Unchanged(current, memory);
    }

    private static ScalingMemory Remember(ScalingSituation situation, int current)
    {
        var old = situation.Memory;
        var now = situation.Now;
        var (wanted, complete) = WantedReplicas.Of(situation.Demand, ScalingTargets.Of(situation.Spec));
        var changes = old.Changes.RemoveAll(change => now - change.At > ScaleBehavior.LongestPeriod || change.At > now);
        if (old.Replicas is { } before && before != current)
        {
            changes = changes.Add(new ReplicaChange(now, before, current));
        }

        return old with
        {
            Load = old.Load.With(new LoadSample(now, wanted, complete), StableWindow),
            Changes = changes,
            Replicas = current,
            AwakeSince = current == 0 ? null : old.Replicas is null or 0 || old.AwakeSince is null || old.AwakeSince > now ? now : old.AwakeSince,
            UnknownSince = complete ? null : old.UnknownSince ?? now,
        };
    }

    private static int Wake(ScalingSituation situation, ScalingSpec scaling)
    {
        var perReplica = ScalingTargets.Of(situation.Spec).QueueDepth ?? Math.Max(1, situation.Spec.Batching.MaxSequences);
        // What one replica takes at once need not wait for a second one.
        var rest = Math.Max(0, situation.Demand.Queued - situation.Spec.Batching.MaxSequences);
        var wanted = 1 + (int)Math.Min(int.MaxValue - 1, Math.Ceiling(rest / perReplica));
        var most = scaling.Mode == ScalingMode.Operator ? wanted : 1; // The HorizontalPodAutoscaler takes it from there.
        return Math.Clamp(most, 1, scaling.MaxReplicas);
    }

    private static bool IsIdle(ScalingSituation situation, ScalingSpec scaling, ScalingMemory memory, out TimeSpan idle)
    {
        idle = TimeSpan.Zero;
        var demand = situation.Demand;
        if (scaling.MinReplicas > 0 || !Durations.TryParse(scaling.IdleTimeout, out var timeout) || situation.InRollout
            || !demand.IsComplete || demand.LastActivity is not { } last || demand.Queued > 0 || demand.Running > 0)
        {
            return false;
        }

        // Requests that do not come through a gateway are the replicas' own to tell.
        if (demand.Pods is { } pods && pods.Any(pod => !pod.IsKnown || pod.InFlight > 0))
        {
            return false;
        }

        // The operator must have been watching for all of that time: a gateway that went away took its memory with it.
        var since = memory.AwakeSince is { } awake && awake > last ? awake : last;
        idle = situation.Now - since;
        return idle >= timeout;
    }

    private static ScalingVerdict Between(ScalingSituation situation, ScalingSpec scaling, ScalingMemory memory, int current)
    {
        var now = situation.Now;
        var least = Math.Max(1, scaling.MinReplicas);
        if (current < least || current > scaling.MaxReplicas)
        {
            var bound = Math.Clamp(current, least, scaling.MaxReplicas);
            return Verdict(bound, bound > current ? ScalingReason.ScaledUp : ScalingReason.ScaledDown, $"scaling.minReplicas is {scaling.MinReplicas}, scaling.maxReplicas {scaling.MaxReplicas}", memory, current, now);
        }

        var stable = memory.Load.Mean(now - StableWindow) ?? current;
        var panic = memory.Load.Mean(now - PanicWindow) ?? stable;
        if (panic >= PanicThreshold * current)
        {
            memory = memory with { PanickedAt = now };
        }

        var panics = memory.PanickedAt is { } at && now - at < StableWindow;
        var load = panics ? Math.Max(panic, current) : stable;
        var wanted = Math.Abs((load / current) - 1) <= Tolerance ? current : (int)Math.Min(int.MaxValue, Math.Ceiling(load));
        if (wanted < current && !memory.Load.Covers(now - StableWindow, now))
        {
            wanted = current;
        }

        var recommendations = memory.Recommendations.RemoveAll(old => now - old.At > TimeSpan.FromHours(1) || old.At > now).Add((now, wanted));
        memory = memory with { Recommendations = recommendations };
        var stabilized = Stabilize(wanted, current, scaling, recommendations, now);
        var limited = stabilized > current
            ? Math.Min(stabilized, ScaleBehavior.Most(scaling.Behavior, current, memory.Changes, now))
            : Math.Max(stabilized, ScaleBehavior.Least(scaling.Behavior, current, memory.Changes, now));
        var replicas = Math.Clamp(limited, least, scaling.MaxReplicas);
        if (replicas != current)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"the load asks for {load:0.##} replicas{(panics ? ", at once" : "")}: {situation.Demand.Queued} requests wait and {situation.Demand.Running} run");
            return Verdict(replicas, replicas > current ? ScalingReason.ScaledUp : ScalingReason.ScaledDown, text, memory, current, now);
        }

        if (memory.UnknownSince is { } unknown && now - unknown >= UnknownBeforeWord)
        {
            // Said once a minute; the event's series counts.
            return new ScalingVerdict(current, ScalingReason.LoadUnknown, "gateways or replicas cannot be read, so no replica is taken away", memory with { UnknownSince = now });
        }

        return Unchanged(current, memory);
    }

    /// <summary>Up: not above the least recommendation of the window; down: not below the greatest.</summary>
    private static int Stabilize(int wanted, int current, ScalingSpec scaling, IEnumerable<(DateTimeOffset At, int Replicas)> recommendations, DateTimeOffset now)
    {
        var up = now - ScaleBehavior.UpWindow(scaling.Behavior);
        var down = now - ScaleBehavior.DownWindow(scaling.Behavior);
        var (most, least) = (wanted, wanted);
        foreach (var (at, replicas) in recommendations)
        {
            if (at > up)
            {
                most = Math.Min(most, replicas);
            }

            if (at > down)
            {
                least = Math.Max(least, replicas);
            }
        }

        return wanted > current ? Math.Max(current, most) : Math.Min(current, least);
    }

    private static ScalingVerdict Unchanged(int current, ScalingMemory memory) => new(current, null, "", memory);

    private static ScalingVerdict Verdict(int replicas, ScalingReason reason, string message, ScalingMemory memory, int current, DateTimeOffset now) => replicas == current
        ? Unchanged(current, memory)
        : new ScalingVerdict(replicas, reason, $"{current} to {replicas} replicas: {message}", memory with { Recommendations = memory.Recommendations.RemoveAll(old => now - old.At > TimeSpan.FromHours(1)) });
}
