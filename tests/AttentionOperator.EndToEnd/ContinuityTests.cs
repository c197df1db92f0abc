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
        await product.CreateModelAsync("novel", "Generate", "pvc://austen/austen-v1", """{ "replicas": 2, "batching": { "maxSequences": 2 } }""");
        await ProductFixture.EventuallyAsync(() => product.PodsAsync("novel"), pods => pods.Count(IsReady) == 2);
        await ServedAsync("novel");
        // Each replica tells two at a time, one after the other for seconds: whenever the kill comes, it comes in the middle of some.
        string[] prompts = [.. from name in (string[])["Emma", "Anne", "Fanny", "Elinor", "Jane", "Harriet", "Lydia", "Mary"] from place in (string[])["the garden", "the park", "the lane"] select $"{name} was walking in {place} when"];
        var expected = await Task.WhenAll(prompts.Select(p => StoryAsync(p, () => { })));
        Assert.All(expected, text => Assert.True(text.Length > 200, text));

        // A kill that comes between two stories shows nothing, so it is repeated until one came in the middle; what is told must be right each time.
        for (var kills = 0; !await HasContinuedAsync(); kills++)
        {
            Assert.True(kills < 4, "no kill came in the middle of a story");
            var pods = await ProductFixture.EventuallyAsync(() => product.PodsAsync("novel"), pods => pods.Count(IsReady) == 2);
            using var victim = Process.GetProcessById(int.Parse(pods[0].Status.ContainerStatuses[0].ContainerID["process://".Length..], System.Globalization.CultureInfo.InvariantCulture));
            var begun = 0;
            var stories = prompts.Select(p => StoryAsync(p, () =>
            {
                if (Interlocked.Increment(ref begun) == prompts.Length / 3) victim.Kill();
            })).ToList();
            Assert.Equal(expected, await Task.WhenAll(stories));
        }

        await product.DeleteModelAsync("novel");
    }

    private async Task<bool> HasContinuedAsync()
    {
        var gateway = (await product.Client.CoreV1.ListNamespacedPodAsync("attention-system", labelSelector: "app.kubernetes.io/component=gateway")).Items.Single();
        using var admin = new HttpClient();
        return (await admin.GetStringAsync($"http://{gateway.Status.PodIP}:8081/metrics")).Contains("attention_gateway_continuations_total{result=\"Continued\"}", StringComparison.Ordinal);
    }

    /// <summary>The text of a whole stream; an error, or an end without its mark, fails the test.</summary>
    private async Task<string> StoryAsync(string prompt, Action begun)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(new { model = "novel", prompt, max_tokens = 400, temperature = 0, stream = true }) };
        using var response = await product.Gateway.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        // Taken apart only afterwards: whoever parses meanwhile reads what was told long ago.
        var lines = new List<string>();
        while (await reader.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
            if (lines.Count == 0) begun();
            lines.Add(line["data: ".Length..]);
        }

        Assert.Equal("[DONE]", lines[^1]);
        return string.Concat(lines[..^1].Select(line =>
        {
            var chunk = JsonDocument.Parse(line).RootElement;
            Assert.False(chunk.TryGetProperty("error", out _), line);
            return chunk.GetProperty("choices")[0].GetProperty("text").GetString();
        }));
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
