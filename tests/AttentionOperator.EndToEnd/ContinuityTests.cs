using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace AttentionOperator.EndToEnd;

/// <summary>What serves goes on serving while the parts above it change or die.</summary>
public sealed class ContinuityTests(ProductFixture product)
{
    [Fact]
    public async Task AKilledOperator_StopsNothingThatServes_AndComesBack()
    {
        await product.CreateModelAsync("steady", "Generate", "pvc://models/llama-untied");
        await product.ModelAsync("steady", ready: "True");
        await ServedAsync("steady");
        var pod = (await product.Client.CoreV1.ListNamespacedPodAsync("attention-system", labelSelector: "app.kubernetes.io/component=operator")).Items.Single();
        using (var victim = Process.GetProcessById(int.Parse(pod.Status.ContainerStatuses[0].ContainerID["process://".Length..], System.Globalization.CultureInfo.InvariantCulture))) victim.Kill();

        for (var i = 0; i < 20; i++) Assert.Equal(HttpStatusCode.OK, await StatusAsync("steady"));
        await ProductFixture.EventuallyAsync(
            () => product.Client.CoreV1.ReadNamespacedPodAsync(pod.Metadata.Name, "attention-system"),
            p => p.Status.ContainerStatuses is [{ RestartCount: 1, Ready: true }]);

        // The new process acts: a changed scale is carried out.
        await PatchAsync("steady", """{"spec":{"replicas":2}}""");
        await ProductFixture.EventuallyAsync(() => product.PodsAsync("steady"), pods => pods.Count(IsReady) == 2);
        await product.DeleteModelAsync("steady");
    }

    [Fact]
    public async Task AChangedSpec_RollsOver_WithoutAFailedRequest()
    {
        await product.CreateModelAsync("changing", "Generate", "pvc://models/llama-untied", """{ "rollout": { "steps": [ { "weight": 50 } ], "bake": "0s" } }""");
        var before = Revision(await product.ModelAsync("changing", ready: "True"));
        await ServedAsync("changing");
        using var stop = new CancellationTokenSource();
        var load = LoadAsync("changing", stop.Token);

        await PatchAsync("changing", """{"spec":{"limits":{"maxOutputTokens":64}}}""");
        await ProductFixture.EventuallyAsync(() => product.ModelAsync("changing"), m => Revision(m) is { } now && now != before && Traffic(m) == 100);
        await ProductFixture.EventuallyAsync(() => product.PodsAsync("changing"), pods => pods.All(p => p.Metadata.Labels["attentionoperator.io/revision"] != before));

        await stop.CancelAsync();
        var statuses = await load;
        Assert.NotEmpty(statuses);
        Assert.All(statuses, s => Assert.Equal(HttpStatusCode.OK, s));
        await product.DeleteModelAsync("changing");
    }

    /// <summary>In what is installed by default: the operator makes the token that the gateway and the runtimes share.</summary>
    [Fact]
    public async Task APodThatIsKilledInMidStream_CostsNoCharacter()
    {
        await product.CreateModelAsync("novel", "Generate", "pvc://austen/austen-v1", """{ "replicas": 2 }""");
        await ProductFixture.EventuallyAsync(() => product.PodsAsync("novel"), pods => pods.Count(IsReady) == 2);
        await ServedAsync("novel");
        string[] prompts = [.. new[] { "Emma", "Anne", "Fanny", "Elinor", "Jane", "Harriet", "Lydia", "Mary" }.Select(name => $"{name} was walking in the garden when")];
        var expected = await Task.WhenAll(prompts.Select(p => StoryAsync(p, () => { })));
        Assert.All(expected, text => Assert.True(text.Length > 200, text));

        var pod = (await product.PodsAsync("novel")).First(IsReady);
        using var victim = Process.GetProcessById(int.Parse(pod.Status.ContainerStatuses[0].ContainerID["process://".Length..], System.Globalization.CultureInfo.InvariantCulture));
        var running = new CountdownEvent(prompts.Length);
        var stories = prompts.Select(p => StoryAsync(p, () => running.Signal())).ToList();
        await Task.Run(running.Wait);
        victim.Kill();
        Assert.Equal(expected, await Task.WhenAll(stories));

        var gateway = (await product.Client.CoreV1.ListNamespacedPodAsync("attention-system", labelSelector: "app.kubernetes.io/component=gateway")).Items.Single();
        using var admin = new HttpClient();
        var metrics = await admin.GetStringAsync($"http://{gateway.Status.PodIP}:8081/metrics");
        Assert.Contains("attention_gateway_continuations_total{result=\"Continued\"}", metrics, StringComparison.Ordinal);
        await product.DeleteModelAsync("novel");
    }

    /// <summary>The text of a whole stream; an error, or an end without its mark, fails the test.</summary>
    private async Task<string> StoryAsync(string prompt, Action begun)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(new { model = "novel", prompt, max_tokens = 400, temperature = 0, stream = true }) };
        using var response = await product.Gateway.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var text = new System.Text.StringBuilder();
        var chunks = 0;
        while (await reader.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
            if (line == "data: [DONE]") return text.ToString();
            var chunk = JsonDocument.Parse(line["data: ".Length..]).RootElement;
            Assert.False(chunk.TryGetProperty("error", out _), line);
            if (++chunks == 1) begun();
            text.Append(chunk.GetProperty("choices")[0].GetProperty("text").GetString());
        }

        Assert.Fail($"The stream ended without its mark after: {text}");
        return "";
    }

    [Fact]
    public async Task AHandEdit_IsPutBack()
    {
        await product.CreateModelAsync("edited", "Generate", "pvc://models/llama-untied");
        var revision = Revision(await product.ModelAsync("edited", ready: "True"));
        var name = $"edited-{revision}";
        await product.Client.AppsV1.PatchNamespacedDeploymentAsync(new V1Patch("""{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":1}}}}""", V1Patch.PatchType.MergePatch), name, "default");
        await ProductFixture.EventuallyAsync(
            () => product.Client.AppsV1.ReadNamespacedDeploymentAsync(name, "default"),
            d => d.Spec.Template.Spec.TerminationGracePeriodSeconds != 1);
        await product.DeleteModelAsync("edited");
    }

    private async Task<List<HttpStatusCode>> LoadAsync(string model, CancellationToken stop)
    {
        var statuses = new List<HttpStatusCode>();
        while (!stop.IsCancellationRequested) statuses.Add(await StatusAsync(model));
        return statuses;
    }

    private async Task<HttpStatusCode> StatusAsync(string model)
    {
        using var response = await product.Gateway.PostAsJsonAsync("/v1/completions", new { model, prompt = "The quick brown fox", max_tokens = 4, temperature = 0 });
        return response.StatusCode;
    }

    /// <summary>A model may be Ready a moment before the gateway has heard of it.</summary>
    private Task ServedAsync(string model) => ProductFixture.EventuallyAsync(() => StatusAsync(model), s => s == HttpStatusCode.OK);

    private Task PatchAsync(string model, string patch) => product.Client.CustomObjects.PatchNamespacedCustomObjectAsync(
        new V1Patch(patch, V1Patch.PatchType.MergePatch), "attentionoperator.io", "v1alpha1", "default", "attentionmodels", model);

    private static string? Revision(JsonElement model) =>
        model.GetProperty("status").TryGetProperty("stableRevision", out var revision) ? revision.GetString() : null;

    private static int Traffic(JsonElement model) =>
        model.GetProperty("status").GetProperty("traffic").EnumerateArray().Where(t => t.GetProperty("revision").GetString() == Revision(model)).Sum(t => t.GetProperty("weight").GetInt32());

    private static bool IsReady(V1Pod pod) => pod.Status.Conditions?.Any(c => c.Type == "Ready" && c.Status == "True") == true;
}
