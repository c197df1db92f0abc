using System.Net.Http.Json;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace AttentionOperator.EndToEnd;

/// <summary>Models that the pods download themselves before they serve.</summary>
public sealed class FetchTests(ProductFixture product)
{
    [Fact]
    public async Task AModelOfAHub_IsFetchedOnceIntoTheSharedCache_TellsHowFarItIs_AndServes()
    {
        await using var hub = await LocalHub.StartAsync(Path.Combine(ProductPaths.SampleModels, "austen-v1"));
        await CreateSecretAsync("hub", hub);
        await product.CreateModelAsync("fetched", "Generate", "", """{ "model": { "uri": "hf://org/model@main", "secretRef": { "name": "hub" }, "cache": { "claimName": "cache", "size": "1Gi" } }, "replicas": 2 }""");
        var revision = await ProductFixture.EventuallyAsync(() => RevisionAsync("fetched"), r => r.Reason == "FetchingModel" && r.Message.Contains("GiB", StringComparison.Ordinal));
        Assert.Contains("fetches the model: 0.00 of 0.0", revision.Message, StringComparison.Ordinal);
        Assert.Matches("[0-9] of [0-9] files", revision.Message);

        hub.Open();
        await product.ModelAsync("fetched", ready: "True");
        await ProductFixture.EventuallyAsync(() => product.PodsAsync("fetched"), pods => pods.Count == 2 && pods.All(p => p.Status.Conditions.Any(c => c is { Type: "Ready", Status: "True" })));
        Assert.Equal(1, hub.Downloads);
        using var response = await product.Gateway.PostAsJsonAsync("/v1/completions", new { model = "fetched", prompt = "It is a truth", max_tokens = 4 });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        // The credentials are the fetching container's alone.
        var pod = (await product.PodsAsync("fetched"))[0];
        Assert.Contains(pod.Spec.InitContainers.Single().Env, variable => variable.Name == "HF_TOKEN");
        Assert.DoesNotContain(pod.Spec.Containers.Single().Env, variable => variable.Name == "HF_TOKEN");
        await product.DeleteModelAsync("fetched");
    }

    [Theory]
    [InlineData("wrong-files", "sha256:0000000000000000000000000000000000000000000000000000000000000001", "hub-open", "ModelDigestMismatch", "artifact digest")]
    [InlineData("no-token", null, null, "FetchFailed", "401")]
    public async Task AModelThatCannotBeFetched_SaysWhy(string name, string? digest, string? secret, string reason, string named)
    {
        await using var hub = await LocalHub.StartAsync(Path.Combine(ProductPaths.SampleModels, "austen-v1"));
        hub.Open();
        await CreateSecretAsync(secret ?? "hub-" + name, hub, withToken: secret is not null);
        await product.CreateModelAsync(name, "Generate", "", $$"""{ "model": { "uri": "hf://org/model", "secretRef": { "name": "{{secret ?? "hub-" + name}}" }{{(digest is null ? "" : $", \"digest\": \"{digest}\"")}} } }""");
        var stalled = await ProductFixture.EventuallyAsync(
            async () => ProductFixture.Condition(await product.ModelAsync(name), "Stalled"),
            c => c?.GetProperty("status").GetString() == "True");
        Assert.Equal(reason, stalled!.Value.GetProperty("reason").GetString());
        Assert.Contains(named, stalled.Value.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(hub.Token, stalled.Value.GetProperty("message").GetString(), StringComparison.Ordinal);
        await product.DeleteModelAsync(name);
    }

    private async Task CreateSecretAsync(string name, LocalHub hub, bool withToken = true)
    {
        var data = new Dictionary<string, string> { ["HF_ENDPOINT"] = hub.Address };
        if (withToken) data["HF_TOKEN"] = hub.Token;
        await product.Client.CoreV1.CreateNamespacedSecretAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = name }, StringData = data }, "default");
    }

    private async Task<(string Reason, string Message)> RevisionAsync(string name)
    {
        var model = await product.ModelAsync(name);
        if (!model.TryGetProperty("status", out var status) || !status.TryGetProperty("revisions", out var revisions) || revisions.GetArrayLength() == 0) return ("", "");
        string Of(string field) => revisions[0].TryGetProperty(field, out var value) ? value.GetString() ?? "" : "";
        return (Of("reason"), Of("message"));
    }
}
