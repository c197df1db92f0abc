using System.Text.Json;
using AttentionOperator.Api.Rollouts;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.Sli;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Diagnosis;
using AttentionOperator.Evaluation;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Rollouts;
using AttentionOperator.Slo;

namespace AttentionOperator.Tests.Rollouts;

/// <summary>Revisions, pods, gateways and a clock of the mind around the planner. Between two passes only what is published survives, as JSON: each pass is a restart.</summary>
internal sealed class RolloutWorld
{
    private readonly Dictionary<string, Workload> workloads = new(StringComparer.Ordinal);
    private readonly List<Gateway> gateways = [];
    private int lastGateway;

    public RolloutWorld(RolloutSpec? spec = null, SloSpec? slo = null, int replicas = 4, int gateways = 2)
    {
        Spec = spec ?? new RolloutSpec();
        Slo = slo;
        Replicas = replicas;
        for (var i = 0; i < gateways; i++)
        {
            AddGateway();
        }
    }

    public RolloutSpec Spec { get; set; }

    public SloSpec? Slo { get; set; }

    public int Replicas { get; set; }

    public string Target { get; set; } = "a";

    public string? Action { get; set; }

    public bool CanReadCounters { get; set; } = true;

    /// <summary>Replicas that revisions' own queues ask for.</summary>
    public Dictionary<string, int> Pressure { get; } = new(StringComparer.Ordinal);

    public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public string? Stable { get; private set; }

    public RolloutStatus? Status { get; private set; }

    public IReadOnlyList<RejectedRevision> Rejected { get; private set; } = [];

    public IReadOnlyList<TrafficTarget> Traffic { get; private set; } = [];

    /// <summary>What runs of the evaluation find, in their order; null: nothing, for a reason. Runs beyond them go on.</summary>
    public Queue<EvaluationReport?> Reports { get; } = new();

    /// <summary>Whether each run finds everything right while <see cref="Run"/> runs.</summary>
    public bool EvaluationsPass { get; set; }

    /// <summary>Jobs of evaluations that are there, and how they ended.</summary>
    public Dictionary<string, EvaluationObservation> Jobs { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Broken { get; } = new(StringComparer.Ordinal);

    public List<string> Events { get; } = [];

    public RolloutDecision? Last { get; private set; }

    public IReadOnlyDictionary<string, Workload> Workloads => workloads;

    public RolloutBudget Budget => RolloutBudget.Of(Spec, Replicas);

    public int Occupied => workloads.Values.Sum(workload => Math.Max(workload.Replicas, workload.Pods));

    public static SloSpec Errors(string target = "95") => new() { Objectives = [new ObjectiveSpec { Name = "errors", Type = ObjectiveType.Errors, Target = target }] };

    /// <summary>A world whose revision "a" serves.</summary>
    public static RolloutWorld Serving(RolloutSpec? spec = null, SloSpec? slo = null, int replicas = 4)
    {
        var world = new RolloutWorld(spec, slo, replicas);
        world.Pass();
        world.PodsFollow();
        world.Pass();
        world.Pass();
        Assert.Equal(("a", 100), (world.Stable, world.WeightOf("a")));
        world.Events.Clear();
        return world;
    }

    public int WeightOf(string revision) => Traffic.FirstOrDefault(share => share.Revision == revision)?.Weight ?? 0;

    public int ReadyOf(string revision) => workloads.GetValueOrDefault(revision)?.Ready ?? 0;

    public RolloutSituation Situation() => new()
    {
        Model = "chat",
        Spec = Spec,
        Replicas = Replicas,
        Stable = Stable is not null && (workloads.ContainsKey(Stable) || Stable == Target) ? Stable : null,
        Target = Target,
        Revisions = [.. workloads.Where(entry => entry.Key != Target).Select(entry => State(entry.Key, entry.Value)), State(Target, workloads.GetValueOrDefault(Target))],
        Traffic = Traffic,
        Status = Status,
        Rejected = Rejected,
        Slo = Slo,
        Slis = CanReadCounters ? new SliObservation([.. gateways.Select(gateway => gateway.Counters())], true) : null,
        Evaluations = [.. Jobs.Values],
        Action = RolloutAction.Parse(Action),
        Pressure = Pressure,
        Now = Now,
    };

    /// <summary>Plans, and carries it out; without <paramref name="publishes"/> the operator dies before it writes the status.</summary>
    public RolloutDecision Pass(bool publishes = true)
    {
        var decision = new StrategyRollouts().Plan(Situation());
        Last = decision;
        foreach (var (hash, replicas) in decision.Replicas)
        {
            var workload = workloads.GetValueOrDefault(hash) ?? new Workload();
            workloads[hash] = workload with { Replicas = replicas, Ready = Math.Min(workload.Ready, replicas) };
        }

        foreach (var gone in workloads.Keys.Except(decision.Replicas.Keys).ToList())
        {
            workloads.Remove(gone);
        }

        foreach (var gone in Jobs.Keys.Where(job => job != decision.Evaluation?.Job).ToList())
        {
            Jobs.Remove(gone);
        }

        if (decision.Evaluation is { Starts: true } run)
        {
            Jobs.TryAdd(run.Job, new EvaluationObservation(run.Job, null, null));
        }

        if (publishes)
        {
            Stable = decision.Stable;
            Status = decision.Status is null ? null : Again(decision.Status);
            Rejected = [.. decision.Rejected.Select(Again)];
            Traffic = [.. decision.Traffic];
            Events.AddRange(decision.Events.Select(note => note.Reason));
        }

        return decision;
    }

    /// <summary>Pods come and go as they are asked for; those of broken revisions never get ready.</summary>
    public void PodsFollow()
    {
        foreach (var (hash, workload) in workloads.ToList())
        {
            workloads[hash] = workload with { Pods = workload.Replicas, Ready = Broken.Contains(hash) ? 0 : workload.Replicas };
        }
    }

    /// <summary>Runs of evaluations end, with what was laid out for them.</summary>
    public void JobsEnd()
    {
        foreach (var job in Jobs.Values.Where(job => job is { Report: null, Problem: null }).ToList())
        {
            if (Reports.TryDequeue(out var report))
            {
                Jobs[job.Job] = job with { Report = report, Problem = report is null ? "the pod was evicted" : null };
            }
        }
    }

    public void SetReady(string revision, int ready)
    {
        var workload = workloads[revision];
        ready = Math.Min(ready, workload.Replicas);
        workloads[revision] = workload with { Ready = ready, Pods = Math.Max(workload.Pods, ready) };
    }

    /// <summary>More pods of a revision get ready; none is lost but those that are not asked for.</summary>
    public void GrowReady(string revision, int ready)
    {
        var workload = workloads[revision];
        var now = Math.Min(Math.Max(workload.Ready, ready), workload.Replicas);
        workloads[revision] = workload with { Ready = now, Pods = workload.Replicas };
    }

    /// <summary>Requests arrive by weight, rounded up; a share of each revision's is bad.</summary>
    public void Serve(int requests, Func<string, double> badShare)
    {
        foreach (var share in Traffic.Where(share => share.Weight > 0))
        {
            var count = ((requests * share.Weight) + 99) / 100;
            var bad = (int)Math.Round(count * badShare(share.Revision));
            gateways[requests % gateways.Count].Count(share.Revision, count - bad, bad);
        }
    }

    public void RestartGateway(int which)
    {
        gateways.RemoveAt(which % gateways.Count);
        AddGateway();
    }

    /// <summary>Passes with all pods ready, time and traffic, until a condition holds after a pass.</summary>
    public void Run(Func<bool> until, int seconds = 1, int requests = 100, Func<string, double>? badShare = null, int most = 2000)
    {
        for (var i = 0; i < most; i++)
        {
            Pass();
            if (until())
            {
                return;
            }

            PodsFollow();
            if (EvaluationsPass)
            {
                Reports.Clear();
                Reports.Enqueue(new EvaluationReport { Score = 1, Cases = 1 });
            }

            JobsEnd();
            Serve(requests, badShare ?? (_ => 0));
            Now += TimeSpan.FromSeconds(seconds);
        }

        Assert.Fail($"not reached: stable {Stable}, {JsonSerializer.Serialize(Status, KubeJson.Options)} traffic {JsonSerializer.Serialize(Traffic)} replicas {JsonSerializer.Serialize(workloads)}");
    }

    private static T Again<T>(T value) => JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(value, KubeJson.Options), KubeJson.Options)!;

    private void AddGateway() => gateways.Add(new Gateway($"gateway-{lastGateway++}", Now));

    private RevisionState State(string hash, Workload? workload) => new()
    {
        Hash = hash,
        Number = hash[0],
        Replicas = workload?.Replicas,
        Pods = workload?.Pods ?? 0,
        ReadyReplicas = workload?.Ready ?? 0,
        Failure = Broken.Contains(hash) ? new PodFailure("ModelNotFound", "no such directory", true) : null,
    };

    internal sealed record Workload(int Replicas = 0, int Pods = 0, int Ready = 0);

    private sealed class Gateway(string instance, DateTimeOffset startedAt)
    {
        private readonly Dictionary<string, (long Good, long Bad)> counts = new(StringComparer.Ordinal);

        public void Count(string revision, int good, int bad)
        {
            var (oldGood, oldBad) = counts.GetValueOrDefault(revision);
            counts[revision] = (oldGood + good, oldBad + bad);
        }

        public GatewayCounters Counters() => new(instance, startedAt,
        [
            .. counts.Select(entry => new RevisionSli
            {
                Revision = entry.Key,
                Objectives = [new ObjectiveSli { Name = "errors", Definition = "Errors/0ms", Good = entry.Value.Good, Bad = entry.Value.Bad }],
            }),
        ]);
    }
}
