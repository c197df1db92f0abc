using System.Net;
using System.Text.Json;
using k8s;
using static AttentionOperator.EndToEnd.RolloutScene;

namespace AttentionOperator.EndToEnd;

/// <summary>
/// Canaries of real processes under real traffic, changed by a GitOps tool that applies what Git says again and again: the good one takes over, the bad ones are
/// rolled back and quarantined.
/// </summary>
public sealed class RolloutTests(ProductFixture product)
{
    // A loose target keeps the number of requests small that a verdict needs: 3 x 10 % is the tolerable share of bad requests.
    private const string Spec =
        """
        {
          "slo": { "objectives": [ { "name": "errors", "type": "Errors", "target": "90" }, { "name": "latency", "type": "Latency", "target": "90", "threshold": "30s" }, { "name": "quality", "type": "Quality", "target": "90" } ] },
          "rollout": { "strategy": "Canary", "steps": [ { "weight": 20 }, { "weight": 50 } ], "minRequests": 10, "bake": "1s" }
        }
        """;

    [Fact]
    public async Task AGoodCanary_GoesThroughItsSteps_AndNoRequestFails()
    {
        await using var scene = await RolloutScene.ServeAsync(product, "improving", Spec, _ => true);
        using var stop = new CancellationTokenSource();
        var weights = WeightsAsync(scene, stop.Token);

        scene.Commit("""{ "model": { "uri": "pvc://austen/austen-v2" } }""");
        var model = await scene.UntilAsync(m => Text(m, "stableRevision") is { } now && now != scene.Stable);
        await scene.AloneAsync(Text(model, "stableRevision")!);

        await stop.CancelAsync();
        await scene.QuietAsync();
        Assert.Subset(await weights, new HashSet<int> { 20, 50 });
        Assert.All(scene.Answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.Contains(scene.Answers, a => a.Revision == Text(model, "stableRevision"));
    }

    [Theory]
    [InlineData("erring", "errors", """[{"name":"FAULT_ERRORS","value":"0.6"}]""", "30s")]
    [InlineData("dawdling", "latency", """[{"name":"FAULT_DELAY_MS","value":"1500"}]""", "1s")]
    public async Task ABadCanary_IsRolledBack_AndNotTriedAgain(string name, string objective, string environment, string threshold)
    {
        await using var scene = await RolloutScene.ServeAsync(product, name, Spec);
        scene.Commit($$"""
            {
              "runtime": { "image": "faulty-runtime", "env": {{environment}} },
              "slo": { "objectives": [ { "name": "errors", "type": "Errors", "target": "90" }, { "name": "latency", "type": "Latency", "target": "90", "threshold": "{{threshold}}" } ] }
            }
            """);
        var rejected = await CondemnedAsync(scene, "SloViolated");
        Assert.Contains(objective, rejected.GetProperty("message").GetString(), StringComparison.Ordinal);
        // Clients saw no error beyond the canary's own answers.
        Assert.All(scene.Answers.Where(a => a.Revision == scene.Stable), a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.All(scene.Answers.Where(a => a.Status != HttpStatusCode.OK), a => Assert.Equal(rejected.GetProperty("hash").GetString(), a.Revision));
    }

    [Fact]
    public async Task ABadCanary_IsRolledBack_ByTheCountersOfARealPrometheus()
    {
        Assert.SkipUnless(PrometheusServer.IsInstalled, "Prometheus is not installed: apt-get install prometheus");
        var gateway = Assert.Single((await product.Client.CoreV1.ListNamespacedPodAsync("attention-system", labelSelector: "app.kubernetes.io/component=gateway")).Items);
        await using var prometheus = await PrometheusServer.StartAsync("gateway", $"{gateway.Status.PodIP}:8081");
        await using var scene = await RolloutScene.ServeAsync(product, "scraped", $$"""
            {
              "slo": { "source": "Prometheus", "prometheus": { "url": "{{prometheus.Url}}" }, "objectives": [ { "name": "errors", "type": "Errors", "target": "90" } ] },
              "rollout": { "steps": [ { "weight": 20 } ], "minRequests": 10, "bake": "1s" }
            }
            """);
        scene.Commit("""{ "runtime": { "image": "faulty-runtime", "env": [ { "name": "FAULT_ERRORS", "value": "0.6" } ] } }""");
        var rejected = await CondemnedAsync(scene, "SloViolated", ends: false);
        Assert.StartsWith("errors:", rejected.GetProperty("message").GetString(), StringComparison.Ordinal);

        scene.Commit("""{ "runtime": {}, "model": { "uri": "pvc://austen/austen-v2" } }""");
        await scene.UntilAsync(m => Text(m, "stableRevision") is { } now && now != scene.Stable);
    }

    [Fact]
    public async Task ACanaryThatReturnsGarbage_IsRolledBackByTheFeedbackOfItsReaders()
    {
        // Every answer has status 200, in time: only who reads it can tell. The readers know the text that they are used to.
        string? familiar = null;
        await using var scene = await RolloutScene.ServeAsync(product, "babbling", Spec, a => (Interlocked.CompareExchange(ref familiar, a.Text, null) ?? a.Text) == a.Text);
        await ProductFixture.EventuallyAsync(() => Task.FromResult(scene.Answers.Count), count => count > 20);
        scene.Commit("""{ "model": { "uri": "pvc://austen/austen-broken" } }""");
        var rejected = await CondemnedAsync(scene, "SloViolated");
        Assert.StartsWith("quality:", rejected.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.All(scene.Answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.All(scene.Answers.Where(a => a.Text != familiar), a => Assert.Equal(rejected.GetProperty("hash").GetString(), a.Revision));
    }

    [Fact]
    public async Task ACanaryThatReturnsGarbage_IsRefusedByItsEvaluation_BeforeAnyTraffic()
    {
        await using var scene = await RolloutScene.ServeAsync(product, "examined", """
            {
              "slo": { "objectives": [ { "name": "errors", "type": "Errors", "target": "90" } ] },
              "rollout": { "steps": [ { "weight": 20 } ], "minRequests": 10, "bake": "1s", "evaluation": { "metric": "Perplexity", "bound": "60", "cases": [
                { "prompt": "It is a truth universally acknowledged, that a single man in possession of a good", "expected": " fortune, must be in want of a wife." },
                { "prompt": "She was the youngest of the two daughters of a most affectionate,", "expected": " indulgent father;" } ] } }
            }
            """);
        scene.Commit("""{ "model": { "uri": "pvc://austen/austen-broken" } }""");
        var rejected = await CondemnedAsync(scene, "EvaluationFailed", ends: false);
        Assert.Matches("^Perplexity [0-9.]+ of 2 cases, at most 60 was asked for; the stable revision has [0-9.]+; parity of the answers 0; same tokenizer$", rejected.GetProperty("message").GetString());
        Assert.All(scene.Answers, a => Assert.Equal((HttpStatusCode.OK, scene.Stable), (a.Status, a.Revision)));

        scene.Commit("""{ "model": { "uri": "pvc://austen/austen-v2" } }""");
        var model = await scene.UntilAsync(m => Text(m, "stableRevision") is { } now && now != scene.Stable);
        Assert.InRange(double.Parse(model.GetProperty("status").GetProperty("rollout").GetProperty("evaluation").GetProperty("score").GetString()!, System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        await ProductFixture.EventuallyAsync(() => product.Client.BatchV1.ListNamespacedJobAsync("default"), jobs => jobs.Items.Count == 0);
    }

    /// <summary>The revision that was committed is condemned, and stays so under the tool that applies it again.</summary>
    private static async Task<JsonElement> CondemnedAsync(RolloutScene scene, string reason, bool ends = true)
    {
        var model = await scene.UntilRejectedAsync();
        var rejected = Rejected(model)!.Value;
        Assert.Equal(reason, rejected.GetProperty("reason").GetString());
        Assert.Equal((scene.Stable, 100), Traffic(model));
        await scene.AloneAsync(scene.Stable);
        for (var sync = 0; sync < 3; sync++)
        {
            await scene.SyncedAsync(1);
            model = await scene.ModelAsync();
            Assert.Equal((scene.Stable, 100), Traffic(model));
            Assert.Equal(rejected.GetProperty("at").GetString(), Rejected(model)!.Value.GetProperty("at").GetString());
            Assert.Equal((reason, "True"), (ProductFixture.Condition(model, "Stalled")!.Value.GetProperty("reason").GetString(), ProductFixture.Condition(model, "Ready")!.Value.GetProperty("status").GetString()));
        }

        await scene.AloneAsync(scene.Stable);
        if (ends)
        {
            await scene.QuietAsync();
        }

        return rejected;
    }

    /// <summary>The weights that the newest revision had while the rollout went on.</summary>
    private static async Task<HashSet<int>> WeightsAsync(RolloutScene scene, CancellationToken stop)
    {
        var seen = new HashSet<int>();
        while (!stop.IsCancellationRequested)
        {
            var status = (await scene.ModelAsync()).GetProperty("status");
            if (status.TryGetProperty("traffic", out var traffic) && status.TryGetProperty("targetRevision", out var target))
            {
                seen.UnionWith(traffic.EnumerateArray().Where(t => t.GetProperty("revision").GetString() == target.GetString()).Select(t => t.GetProperty("weight").GetInt32()));
            }

            await Task.Delay(20, CancellationToken.None);
        }

        return seen;
    }
}
