using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace AttentionOperator.EndToEnd;

public sealed class ServingTests(ProductFixture product)
{
    [Fact]
    public async Task Model_FromApplyToCompletion_AndGoneAfterDelete()
    {
        await product.CreateModelAsync("llama", "Generate", "pvc://models/llama-tied");
        await product.ModelAsync("llama", ready: "True");

        var answer = await CompleteAsync("llama");
        Assert.True(answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32() > 0);
        Assert.Equal("llama", answer.GetProperty("model").GetString());

        await product.DeleteModelAsync("llama");
        await ProductFixture.EventuallyAsync(() => product.PodsAsync("llama"), pods => pods.Count == 0);
    }

    [Fact]
    public async Task KilledRuntime_IsRestartedAndServesAgain()
    {
        await product.CreateModelAsync("survivor", "Generate", "pvc://models/llama-untied");
        await product.ModelAsync("survivor", ready: "True");
        var pod = (await product.PodsAsync("survivor"))[0];
        var id = int.Parse(pod.Status.ContainerStatuses[0].ContainerID["process://".Length..], System.Globalization.CultureInfo.InvariantCulture);

        using (var victim = System.Diagnostics.Process.GetProcessById(id))
        {
            victim.Kill();
        }

        await ProductFixture.EventuallyAsync(() => product.PodsAsync("survivor"), pods => pods is [{ Status.ContainerStatuses: [{ RestartCount: 1, Ready: true }] }]);
        await CompleteAsync("survivor");
        await product.DeleteModelAsync("survivor");
    }

    [Fact]
    public async Task KubectlLogs_FollowAPodUntilItIsGone()
    {
        var kubectl = Path.Combine(ProductPaths.Root, "artifacts", "tools", "kubectl");
        if (!File.Exists(kubectl))
        {
            Assert.Skip("kubectl is not installed; build/kubectl.sh does it.");
        }

        await product.CreateModelAsync("talker", "Generate", "pvc://models/llama-tied");
        await product.ModelAsync("talker", ready: "True");
        var pod = (await product.PodsAsync("talker"))[0].Metadata.Name;
        var start = new ProcessStartInfo(kubectl, ["--kubeconfig", product.KubeConfig, "--namespace", "default", "logs", "--follow", pod]) { RedirectStandardOutput = true };
        using var logs = Process.Start(start)!;
        try
        {
            using var patience = new CancellationTokenSource(ProductFixture.Patience);
            Assert.False(string.IsNullOrEmpty(await logs.StandardOutput.ReadLineAsync(patience.Token)));
            Assert.False(logs.HasExited);
            await product.DeleteModelAsync("talker");
            await logs.StandardOutput.ReadToEndAsync(patience.Token);
            await logs.WaitForExitAsync(patience.Token);
            Assert.Equal(0, logs.ExitCode);
        }
        finally
        {
            if (!logs.HasExited)
            {
                logs.Kill(entireProcessTree: true);
            }
        }
    }

    [Fact]
    public async Task MissingModelDirectory_IsSaidOnTheModel()
    {
        await product.CreateModelAsync("absent", "Generate", "pvc://models/no-such-model");

        var model = await product.ModelAsync("absent", ready: "False");
        var condition = await ProductFixture.EventuallyAsync(
            async () => ProductFixture.Condition(await product.ModelAsync("absent"), "Stalled"), c => c?.GetProperty("status").GetString() == "True");

        Assert.NotNull(condition);
        Assert.NotEqual(JsonValueKind.Undefined, model.ValueKind);
        await product.DeleteModelAsync("absent");
    }

    [Fact]
    public async Task UnknownModel_IsA404InTheShapeOfOpenAI()
    {
        using var response = await product.Gateway.PostAsJsonAsync("/v1/completions", new { model = "nobody", prompt = "x" });

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.True((await response.Content.ReadFromJsonAsync<JsonElement>()).TryGetProperty("error", out _));
    }

    // A model may be Ready a moment before the gateway has heard of it.
    private async Task<JsonElement> CompleteAsync(string model)
    {
        var (status, body) = await ProductFixture.EventuallyAsync(
            async () =>
            {
                using var response = await product.Gateway.PostAsJsonAsync("/v1/completions", new { model, prompt = "The quick brown fox", max_tokens = 4, temperature = 0 });
                return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
            },
            answer => answer.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.ServiceUnavailable));
        Assert.True(status == HttpStatusCode.OK, $"{status}: {body}");
        return body;
    }
}
