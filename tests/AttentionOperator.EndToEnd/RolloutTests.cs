using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace AttentionOperator.EndToEnd;

/// <summary>Canaries of real processes under real traffic: the good one takes over, the bad ones are rolled back and quarantined.</summary>
public sealed class RolloutTests(ProductFixture product)
{
    private const int Clients = 6;

    // A loose target keeps the number of requests small that a verdict needs: 3 x 10 % is the tolerable share of bad requests.
    private const string Spec =
        """
        {
          "slo": { "objectives": [ { "name": "errors", "type": "Errors", "target": "90" }, { "name": "latency", "type": "Latency", "target": "90", "threshold": "30s" } ] },
          "rollout": { "strategy": "Canary", "steps": [ { "weight": 20 }, { "weight": 50 } ], "minRequests": 10, "bake": "1s" }
        }
        """;

    [Fact]
    public async Task AGoodCanary_GoesThroughItsSteps_AndNoRequestFails()
    {
        var stable = await ServeAsync("improving");
        var answers = new ConcurrentBag<Answer>();
        using var stop = new CancellationTokenSource();
        var load = LoadAsync("improving", answers, stop.Token);
        var weights = WeightsAsync("improving", stop.Token);

        await PatchAsync("improving", """{"spec":{"model":{"uri":"pvc://austen/austen-v2"}}}""");
        var model = await ProductFixture.EventuallyAsync(() => product.ModelAsync("improving"), m => Text(m, "stableRevision") is { } now && now != stable);
        await ProductFixture.EventuallyAsync(() => product.PodsAsync("improving"), pods => pods.Count > 0 && pods.All(p => p.Metadata.Labels["attentionoperator.io/revision"] != stable));

        await stop.CancelAsync();
        await load;
        Assert.Subset(await weights, new HashSet<int> { 20, 50 });
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.Contains(answers, a => a.Revision == Text(model, "stableRevision"));
        await product.DeleteModelAsync("improving");
    }

    [Theory]
    [InlineData("erring", "errors", """[{"name":"FAULT_ERRORS","value":"0.6"}]""", "30s")]
    [InlineData("dawdling", "latency", """[{"name":"FAULT_DELAY_MS","value":"1500"}]""", "1s")]
    public async Task ABadCanary_IsRolledBack_AndNotTriedAgain(string name, string objective, string environment, string threshold)
    {
        var stable = await ServeAsync(name);
        var answers = new ConcurrentBag<Answer>();
        using var stop = new CancellationTokenSource();
        var load = LoadAsync(name, answers, stop.Token);

        var bad = JsonSerializer.Serialize(new
        {
            spec = new
            {
                runtime = new { image = "faulty-runtime", env = JsonSerializer.Deserialize<JsonElement>(environment) },
                slo = new { objectives = new object[] { new { name = "errors", type = "Errors", target = "90" }, new { name = "latency", type = "Latency", target = "90", threshold } } },
            },
        });
        await PatchAsync(name, bad);
        var model = await ProductFixture.EventuallyAsync(() => product.ModelAsync(name), m => Rejected(m) is not null);
        var rejected = Rejected(model)!.Value;
        Assert.Contains(objective, rejected.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal((stable, 100), Traffic(model));

        // What Git says stays in the spec and is applied again and again, as Argo CD and Flux do: nothing is retried.
        for (var sync = 0; sync < 5; sync++)
        {
            await PatchAsync(name, bad);
            await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);
            Assert.Equal((stable, 100), Traffic(await product.ModelAsync(name)));
        }

        await ProductFixture.EventuallyAsync(() => product.PodsAsync(name), pods => pods.All(p => p.Metadata.Labels["attentionoperator.io/revision"] == stable));
        await stop.CancelAsync();
        await load;
        // Clients saw no error beyond the canary's own answers.
        Assert.All(answers.Where(a => a.Revision == stable), a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.All(answers.Where(a => a.Status != HttpStatusCode.OK), a => Assert.Equal(rejected.GetProperty("hash").GetString(), a.Revision));
        await product.DeleteModelAsync(name);
    }

    private async Task<string> ServeAsync(string name)
    {
        await product.CreateModelAsync(name, "Generate", "pvc://austen/austen-v1", Spec);
        var model = await product.ModelAsync(name, ready: "True");
        await ProductFixture.EventuallyAsync(() => AskAsync(name), a => a.Status == HttpStatusCode.OK);
        return Text(model, "stableRevision")!;
    }

    private Task LoadAsync(string model, ConcurrentBag<Answer> answers, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
    {
        while (!stop.IsCancellationRequested) answers.Add(await AskAsync(model));
    }));

    private async Task<Answer> AskAsync(string model)
    {
        using var response = await product.Gateway.PostAsJsonAsync("/v1/completions", new { model, prompt = "It is a truth", max_tokens = 2 });
        return new Answer(response.StatusCode, response.Headers.TryGetValues("X-Attention-Served-Revision", out var revision) ? revision.Single() : null);
    }

    /// <summary>The weights that the newest revision had while the rollout went on.</summary>
    private async Task<HashSet<int>> WeightsAsync(string model, CancellationToken stop)
    {
        var seen = new HashSet<int>();
        while (!stop.IsCancellationRequested)
        {
            var status = (await product.ModelAsync(model)).GetProperty("status");
            if (status.TryGetProperty("traffic", out var traffic) && status.TryGetProperty("targetRevision", out var target))
            {
                seen.UnionWith(traffic.EnumerateArray().Where(t => t.GetProperty("revision").GetString() == target.GetString()).Select(t => t.GetProperty("weight").GetInt32()));
            }

            await Task.Delay(20, CancellationToken.None);
        }

        return seen;
    }

    private Task PatchAsync(string model, string patch) => product.Client.CustomObjects.PatchNamespacedCustomObjectAsync(
        new V1Patch(patch, V1Patch.PatchType.MergePatch), "attentionoperator.io", "v1alpha1", "default", "attentionmodels", model);

    private static string? Text(JsonElement model, string field) => model.GetProperty("status").TryGetProperty(field, out var value) ? value.GetString() : null;

    private static JsonElement? Rejected(JsonElement model) =>
        model.GetProperty("status").TryGetProperty("rejected", out var rejected) && rejected.GetArrayLength() > 0 ? rejected[0] : null;

    private static (string? Revision, int Weight) Traffic(JsonElement model) => model.GetProperty("status").GetProperty("traffic").EnumerateArray()
        .Select(t => (t.GetProperty("revision").GetString(), t.GetProperty("weight").GetInt32())).MaxBy(t => t.Item2);

    private sealed record Answer(HttpStatusCode Status, string? Revision);
}
