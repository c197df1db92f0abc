using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttentionOperator.EndToEnd;

/// <summary>One model under traffic, kept by a GitOps tool, and what its clients saw.</summary>
internal sealed class RolloutScene : IAsyncDisposable
{
    private const int Clients = 6;

    private readonly ProductFixture product;
    private readonly JsonObject spec;
    private readonly GitOpsSync sync;
    private readonly CancellationTokenSource stop = new();
    private readonly Func<Answer, bool?>? rate;
    private Task load = Task.CompletedTask;

    private RolloutScene(ProductFixture product, string name, JsonObject spec, Func<Answer, bool?>? rate)
    {
        this.product = product;
        this.rate = rate;
        this.spec = spec;
        Name = name;
        sync = new GitOpsSync(product.Client, name, spec);
    }

    public string Name { get; }

    /// <summary>Revision that served when the scene began.</summary>
    public string Stable { get; private set; } = "";

    public ConcurrentBag<Answer> Answers { get; } = [];

    /// <param name="product">The product.</param>
    /// <param name="name">Name of the model.</param>
    /// <param name="spec">Fields of the spec, as JSON.</param>
    /// <param name="rate">What a client thinks of an answer; null: it says nothing.</param>
    public static async Task<RolloutScene> ServeAsync(ProductFixture product, string name, string spec, Func<Answer, bool?>? rate = null)
    {
        var whole = JsonNode.Parse("""{ "task": "Generate", "model": { "uri": "pvc://austen/austen-v1" }, "resources": { "cpu": "100m", "memory": "512Mi" }, "replicas": 1 }""")!.AsObject();
        foreach (var (field, value) in JsonNode.Parse(spec)!.AsObject()) whole[field] = value?.DeepClone();
        var scene = new RolloutScene(product, name, whole, rate);
        var model = await ProductFixture.EventuallyAsync(scene.FindAsync, m => m is { } found && ProductFixture.Condition(found, "Ready") is { } ready && ready.GetProperty("status").GetString() == "True");
        await ProductFixture.EventuallyAsync(scene.AskAsync, a => a.Status == HttpStatusCode.OK);
        scene.Stable = Text(model!.Value, "stableRevision")!;
        scene.load = scene.LoadAsync();
        return scene;
    }

    /// <summary>Commits a change: fields of the spec, as JSON, replace those that are there.</summary>
    public void Commit(string change)
    {
        foreach (var (field, value) in JsonNode.Parse(change)!.AsObject()) spec[field] = value?.DeepClone();
        sync.Commit(spec);
    }

    /// <summary>Waits until so many further syncs were made.</summary>
    public Task SyncedAsync(int more)
    {
        var until = sync.Syncs + more;
        return ProductFixture.EventuallyAsync(() => Task.FromResult(sync.Syncs), count => count >= until);
    }

    public Task<JsonElement> UntilAsync(Func<JsonElement, bool> condition) => ProductFixture.EventuallyAsync(() => product.ModelAsync(Name), condition);

    public async Task<JsonElement> UntilRejectedAsync() => await UntilAsync(model => Rejected(model) is not null);

    /// <summary>Waits until the replicas of other revisions are gone.</summary>
    public Task AloneAsync(string revision) => ProductFixture.EventuallyAsync(
        () => product.PodsAsync(Name), pods => pods.Count > 0 && pods.All(p => p.Metadata.Labels["attentionoperator.io/revision"] == revision));

    public Task<JsonElement> ModelAsync() => product.ModelAsync(Name);

    /// <summary>Ends the traffic and waits for the last answers.</summary>
    public async Task QuietAsync()
    {
        await stop.CancelAsync();
        await load;
    }

    public async ValueTask DisposeAsync()
    {
        await QuietAsync();
        await sync.DisposeAsync();
        await product.DeleteModelAsync(Name);
        stop.Dispose();
    }

    public static string? Text(JsonElement model, string field) => model.GetProperty("status").TryGetProperty(field, out var value) ? value.GetString() : null;

    public static JsonElement? Rejected(JsonElement model) =>
        model.TryGetProperty("status", out var status) && status.TryGetProperty("rejected", out var rejected) && rejected.GetArrayLength() > 0 ? rejected[0] : null;

    public static (string? Revision, int Weight) Traffic(JsonElement model) => model.GetProperty("status").GetProperty("traffic").EnumerateArray()
        .Select(t => (t.GetProperty("revision").GetString(), t.GetProperty("weight").GetInt32())).MaxBy(t => t.Item2);

    private async Task<JsonElement?> FindAsync()
    {
        try
        {
            return await product.ModelAsync(Name);
        }
        catch (k8s.Autorest.HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null; // The first sync is under way.
        }
    }

    private Task LoadAsync() => Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
    {
        while (!stop.IsCancellationRequested)
        {
            var answer = await AskAsync();
            Answers.Add(answer);
            if (answer is { Status: HttpStatusCode.OK, Id: { } id } && rate?.Invoke(answer) is { } good)
            {
                using var response = await product.Gateway.PostAsJsonAsync("/v1/feedback", new { id, good });
                Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
            }
        }
    }));

    private async Task<Answer> AskAsync()
    {
        using var response = await product.Gateway.PostAsJsonAsync("/v1/completions", new { model = Name, prompt = "It is a truth", max_tokens = 8, temperature = 0 });
        var revision = response.Headers.TryGetValues("X-Attention-Served-Revision", out var values) ? values.Single() : null;
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new Answer(response.StatusCode, revision, null, null);
        }

        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        return new Answer(response.StatusCode, revision, body.GetProperty("id").GetString(), body.GetProperty("choices")[0].GetProperty("text").GetString());
    }

    internal sealed record Answer(HttpStatusCode Status, string? Revision, string? Id, string? Text);
}
