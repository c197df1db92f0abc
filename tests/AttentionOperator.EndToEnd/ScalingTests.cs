using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace AttentionOperator.EndToEnd;

/// <summary>Replicas that follow the load: through the cluster's own autoscaler and the operator's metrics API, and to zero and back.</summary>
public sealed class ScalingTests(ProductFixture product)
{
    private const int Clients = 12;

    [Fact]
    public async Task ALoadStep_AddsReplicas_ItsEndTakesThemAway_AndNoRequestFails()
    {
        await product.CreateModelAsync("elastic", "Generate", "pvc://austen/austen-v1", """
            {
              "batching": { "maxSequences": 2 },
              "scaling": {
                "minReplicas": 1, "maxReplicas": 3, "queueDepthPerReplica": 2,
                "behavior": { "scaleDown": { "stabilizationWindowSeconds": 3, "policies": [ { "type": "Pods", "value": 1, "periodSeconds": 1 } ] } }
              }
            }
            """);
        await product.ModelAsync("elastic", ready: "True");
        await ServedAsync("elastic");
        var answers = new ConcurrentBag<HttpStatusCode>();
        using var stop = new CancellationTokenSource();
        var load = LoadAsync("elastic", answers, stop.Token);

        await ProductFixture.EventuallyAsync(() => product.PodsAsync("elastic"), pods => pods.Count(IsReady) >= 2);
        var model = await product.ModelAsync("elastic");
        Assert.Equal("attentionoperator.io/model=elastic", model.GetProperty("status").GetProperty("selector").GetString());
        await stop.CancelAsync();
        await load;

        var autoscaler = await ProductFixture.EventuallyAsync(
            () => product.Client.AutoscalingV2.ReadNamespacedHorizontalPodAutoscalerAsync("elastic", "default"),
            hpa => hpa.Status?.DesiredReplicas == 1);
        Assert.Contains(autoscaler.Status.Conditions, condition => condition is { Type: "ScalingActive", Status: "True" });
        await ProductFixture.EventuallyAsync(() => product.PodsAsync("elastic"), pods => pods is [var only] && IsReady(only));
        Assert.NotEmpty(answers);
        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
        await product.DeleteModelAsync("elastic");
    }

    [Fact]
    public async Task AnIdleModel_GoesToZero_AndTheFirstRequestWakesIt()
    {
        await product.CreateModelAsync("sleeper", "Generate", "pvc://austen/austen-v1", """{ "scaling": { "minReplicas": 0, "maxReplicas": 2, "idleTimeout": "2s" } }""");
        await ProductFixture.EventuallyAsync(() => product.ModelAsync("sleeper"), model => Condition(model, "Ready") == "ScaledToZero");
        await ProductFixture.EventuallyAsync(() => product.PodsAsync("sleeper"), pods => pods.Count == 0);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("sleeper"));
        await ProductFixture.EventuallyAsync(
            () => product.Client.CoreV1.ListNamespacedEventAsync("default", fieldSelector: "involvedObject.kind=AttentionModel,involvedObject.name=sleeper"),
            events => events.Items.Any(e => e.Reason == "WokenUp"));
        await product.DeleteModelAsync("sleeper");
    }

    private static string? Condition(JsonElement model, string type) => ProductFixture.Condition(model, type)?.GetProperty("reason").GetString();

    private Task ServedAsync(string model) => ProductFixture.EventuallyAsync(() => StatusAsync(model), status => status == HttpStatusCode.OK);

    private Task LoadAsync(string model, ConcurrentBag<HttpStatusCode> answers, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
    {
        while (!stop.IsCancellationRequested) answers.Add(await StatusAsync(model, 96));
    }));

    private async Task<HttpStatusCode> StatusAsync(string model, int tokens = 4)
    {
        using var response = await product.Gateway.PostAsJsonAsync("/v1/completions", new { model, prompt = "It is a truth universally acknowledged, that", max_tokens = tokens, temperature = 0, ignore_eos = true });
        return response.StatusCode;
    }

    private static bool IsReady(V1Pod pod) => pod.Metadata.DeletionTimestamp is null && pod.Status.Conditions?.Any(c => c.Type == "Ready" && c.Status == "True") == true;
}
