using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using k8s;
using k8s.Models;

namespace AttentionOperator.EndToEnd;

/// <summary>The loss of one of several replicas under load, as a node's drain brings it.</summary>
public sealed class EvictionTests(ProductFixture product)
{
    private const int Clients = 4;

    [Fact]
    public async Task AnEvictedReplica_TakesNoRequestWithIt_AndTheBudgetKeepsTheOther()
    {
        await product.CreateModelAsync("evicted", "Generate", "pvc://models/llama-untied", """{ "replicas": 2, "runtime": { "drainTimeout": "10s" } }""");
        var pods = await ProductFixture.EventuallyAsync(() => product.PodsAsync("evicted"), all => all.Count(IsReady) == 2);
        await ProductFixture.EventuallyAsync(() => AskAsync(stream: false), answer => answer.Status == HttpStatusCode.OK);
        await ProductFixture.EventuallyAsync(() => product.Client.PolicyV1.ReadNamespacedPodDisruptionBudgetAsync("evicted", "default"), budget => budget.Status?.DisruptionsAllowed == 1);
        var answers = new ConcurrentQueue<Answer>();
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            while (!stop.IsCancellationRequested) answers.Enqueue(await AskAsync(stream: client % 2 == 0));
        }));
        await ProductFixture.EventuallyAsync(() => Task.FromResult(answers.Count), count => count >= Clients);

        Assert.Equal(HttpStatusCode.Created, await EvictAsync(pods[0].Metadata.Name));
        // One of two is going: the budget lets the other not go, too.
        Assert.Equal(HttpStatusCode.TooManyRequests, await EvictAsync(pods[1].Metadata.Name));
        await ProductFixture.EventuallyAsync(
            () => product.PodsAsync("evicted"), all => all.Count(IsReady) == 2 && all.All(pod => pod.Metadata.Name != pods[0].Metadata.Name));
        var before = answers.Count;
        await ProductFixture.EventuallyAsync(() => Task.FromResult(answers.Count), count => count >= before + Clients);

        await stop.CancelAsync();
        await load;
        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, true), (answer.Status, answer.IsWhole)));
        await product.DeleteModelAsync("evicted");
    }

    private async Task<Answer> AskAsync(bool stream)
    {
        using var response = await product.Gateway.PostAsJsonAsync("/v1/completions", new { model = "evicted", prompt = "The quick brown fox", max_tokens = 16, temperature = 0, stream });
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, stream ? text.TrimEnd().EndsWith("data: [DONE]", StringComparison.Ordinal) : text.Contains("\"usage\"", StringComparison.Ordinal));
    }

    private async Task<HttpStatusCode> EvictAsync(string pod)
    {
        try
        {
            using var response = await product.Client.CoreV1.CreateNamespacedPodEvictionWithHttpMessagesAsync(
                new V1Eviction { ApiVersion = "policy/v1", Kind = "Eviction", Metadata = new V1ObjectMeta { Name = pod, NamespaceProperty = "default" } }, pod, "default");
            return response.Response.StatusCode;
        }
        catch (k8s.Autorest.HttpOperationException e)
        {
            return e.Response.StatusCode;
        }
    }

    private static bool IsReady(V1Pod pod) => pod.Metadata.DeletionTimestamp is null && pod.Status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    private sealed record Answer(HttpStatusCode Status, bool IsWhole);
}
