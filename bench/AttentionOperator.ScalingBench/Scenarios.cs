using System.Globalization;
using AttentionOperator.Bench.Results;

namespace AttentionOperator.ScalingBench;

/// <summary>What is measured.</summary>
internal sealed class Scenarios(ScalingCluster cluster, Dictionary<string, Metric> metrics, List<string> notes)
{
    private const int Clients = 12;
    private const int Tokens = 128;
    private const int Wakings = 3;
    private const string Common = $$"""
        "task": "Generate", "model": { "uri": "pvc://models/austen-v1" }, "resources": { "cpu": "100m", "memory": "512Mi" }, "batching": { "maxSequences": 4 },
        "placement": { "nodeSelector": { "pool": "{{ScalingCluster.ModelPool}}" }, "tolerations": [ { "key": "pool", "operator": "Equal", "value": "{{ScalingCluster.ModelPool}}", "effect": "NoSchedule" } ] }
        """;

    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(20);

    private readonly long start = TimeProvider.System.GetTimestamp();

    /// <summary>From no load to twelve clients at once on one replica of four places: when is the second one ready, and how far does it go?</summary>
    /// <returns>Failed requests.</returns>
    public async Task<int> StepAsync(string mode, CancellationToken cancellation)
    {
        var model = $"step-{mode}";
        var setting = mode == "hpa" ? "Hpa" : "Operator";
        await cluster.ApplyAsync(model, $$"""
            { {{Common}}, "scaling": { "mode": "{{setting}}", "minReplicas": 1, "maxReplicas": 6, "queueDepthPerReplica": 4, "behavior": { "scaleDown": { "stabilizationWindowSeconds": 5 } } } }
            """, cancellation);
        await ServingAsync(model, cancellation);
        int[] failures;
        await using (var load = new Load(cluster.Gateway, model, Clients, Tokens))
        {
            var stepped = TimeProvider.System.GetTimestamp();
            await ScalingCluster.UntilAsync(async () => await cluster.ReadyAsync(model, cancellation) >= 2, cancellation);
            var seconds = TimeProvider.System.GetElapsedTime(stepped).TotalSeconds;
            metrics[$"step_to_ready_seconds_{mode}"] = new Metric(Math.Round(seconds, 2), "seconds");
            var sizes = new List<int>();
            var watched = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(watched) < Watched)
            {
                sizes.Add((await cluster.ModelAsync(model, cancellation)).Spec.Replicas);
                await Task.Delay(TimeSpan.FromMilliseconds(250), cancellation);
            }

            // Twelve requests at once keep four replicas busy to four fifths.
            var needed = (int)Math.Ceiling(Clients / (4 * 0.8));
            metrics[$"overshoot_replicas_{mode}"] = new Metric(Math.Max(0, sizes.Max() - needed), "replicas");
            await load.StopAsync();
            failures = [load.Failures.Count];
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{mode}: {load.Answered} requests; {sizes[0]} replicas at the first look after the step, {sizes[^1]} at the end of {Watched.TotalSeconds:0} s more, {needed} are needed{Said(load)}"));
        }

        var ended = TimeProvider.System.GetTimestamp();
        var before = (await cluster.ModelAsync(model, cancellation)).Spec.Replicas;
        await ScalingCluster.UntilAsync(async () => (await cluster.ModelAsync(model, cancellation)).Spec.Replicas < before, cancellation);
        metrics[$"end_to_smaller_seconds_{mode}"] = new Metric(Math.Round(TimeProvider.System.GetElapsedTime(ended).TotalSeconds, 2), "seconds");
        await cluster.DeleteAsync(model, cancellation);
        Say($"{mode}: {metrics[$"step_to_ready_seconds_{mode}"].Value} s from the step to the second ready replica; {notes[^1]}");
        return failures[0];
    }

    /// <summary>A request for a model that is asleep: from its last byte to the first token.</summary>
    public async Task FromZeroAsync(CancellationToken cancellation)
    {
        const string Model = "asleep";
        await cluster.ApplyAsync(Model, $$"""{ {{Common}}, "scaling": { "minReplicas": 0, "maxReplicas": 2, "idleTimeout": "1s" } }""", cancellation);
        var samples = new List<double>();
        for (var i = 0; i < Wakings; i++)
        {
            await ScalingCluster.UntilAsync(async () => (await cluster.ModelAsync(Model, cancellation)) is { Spec.Replicas: 0, Status.StableRevision: not null }, cancellation);
            await ScalingCluster.UntilAsync(async () => (await cluster.PodsAsync(Model, cancellation)).Count == 0, cancellation);
            var asked = TimeProvider.System.GetTimestamp();
            var failure = await Load.AskAsync(cluster.Gateway, Model, 4, () => samples.Add(TimeProvider.System.GetElapsedTime(asked).TotalSeconds));
            if (failure is not null)
            {
                throw new InvalidOperationException($"the request that should have woken the model failed: {failure}");
            }
        }

        samples.Sort();
        metrics["zero_to_first_token_seconds"] = new Metric(Math.Round(samples[samples.Count / 2], 2), "seconds");
        notes.Add($"from zero, all: {string.Join(", ", samples.Select(sample => sample.ToString("0.00", CultureInfo.InvariantCulture)))} s");
        Say(notes[^1]);
        await cluster.DeleteAsync(Model, cancellation);
    }

    /// <summary>A node is drained while both replicas answer streams.</summary>
    public async Task EvictionAsync(CancellationToken cancellation)
    {
        const string Model = "evicted";
        await cluster.ApplyAsync(Model, $$"""{ {{Common}}, "replicas": 2 }""", cancellation);
        await ServingAsync(Model, cancellation);
        await ScalingCluster.UntilAsync(async () => await cluster.ReadyAsync(Model, cancellation) == 2, cancellation);
        await using var load = new Load(cluster.Gateway, Model, 6, 256);
        await ScalingCluster.UntilAsync(() => Task.FromResult(load.Answered >= 12), cancellation);
        var node = (await cluster.PodsAsync(Model, cancellation)).First(ScalingCluster.IsReady).Spec.NodeName;
        var began = TimeProvider.System.GetTimestamp();
        await cluster.DrainAsync(node, Model, cancellation);
        await ScalingCluster.UntilAsync(async () => await cluster.ReadyAsync(Model, cancellation) == 2, cancellation);
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        await load.StopAsync();
        metrics["failed_requests_eviction"] = new Metric(load.Failures.Count, "requests");
        notes.Add(string.Create(CultureInfo.InvariantCulture, $"eviction: {load.Answered} streams; {seconds:0.0} s until the node was empty and both replicas ready elsewhere{Said(load)}"));
        Say(notes[^1]);
    }

    private static string Said(Load load) => load.Failures.Count == 0 ? "" : $"; failures: {string.Join(" | ", load.Failures.Distinct().Take(3))}";

    /// <summary>A model may be Ready a moment before the gateway has heard of it.</summary>
    private Task ServingAsync(string model, CancellationToken cancellation) =>
        ScalingCluster.UntilAsync(async () => await Load.AskAsync(cluster.Gateway, model, 1) is null, cancellation);

    private void Say(string text) => Console.WriteLine($"[{TimeProvider.System.GetElapsedTime(start).TotalSeconds,6:F1} s] {text}");
}
