using System.Text.Json;
using k8s;
using k8s.Autorest;

namespace AttentionOperator.EndToEnd;

/// <summary>What a user gets wrong is said on the AttentionModel, in a condition and an event, and never as a crash loop without a reason.</summary>
public sealed class BadInputTests(ProductFixture product)
{
    [Theory]
    [InlineData("missing-directory", "pvc://models/no-such-model", "", "ModelNotFound", "no-such-model")]
    [InlineData("missing-claim", "pvc://no-such-claim/x", "", null, "no-such-claim")]
    [InlineData("truncated", "pvc://broken/truncated", "", null, "model.safetensors")]
    [InlineData("unknown-architecture", "pvc://broken/unknown-architecture", "", "UnsupportedArchitecture", "PerceptronForEverything")]
    [InlineData("bad-config", "pvc://broken/bad-config", "", null, "config.json")]
    [InlineData("no-tokenizer", "pvc://broken/no-tokenizer", "", null, "tokenizer.json")]
    [InlineData("no-weights", "pvc://broken/no-weights", "", null, "safetensors")]
    [InlineData("wrong-digest", "pvc://models/llama-untied", "sha256:0000000000000000000000000000000000000000000000000000000000000000", "ModelDigestMismatch", "sha256:0000")]
    public async Task AModelThatCannotRun_SaysWhy(string name, string uri, string digest, string? reason, string named)
    {
        var extra = digest.Length > 0 ? $$"""{ "model": { "uri": "{{uri}}", "digest": "{{digest}}" } }""" : "{}";
        await product.CreateModelAsync(name, "Generate", uri, extra);

        var stalled = await ProductFixture.EventuallyAsync(
            async () => ProductFixture.Condition(await product.ModelAsync(name), "Stalled"),
            c => c?.GetProperty("status").GetString() == "True");
        if (reason is not null) Assert.Equal(reason, stalled!.Value.GetProperty("reason").GetString());
        Assert.Contains(named, stalled!.Value.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("False", ProductFixture.Condition(await product.ModelAsync(name), "Ready")!.Value.GetProperty("status").GetString());
        var said = stalled.Value.GetProperty("reason").GetString();
        await ProductFixture.EventuallyAsync(
            () => product.Client.CoreV1.ListNamespacedEventAsync("default", fieldSelector: $"involvedObject.kind=AttentionModel,involvedObject.name={name}"),
            events => events.Items.Any(e => e.Type == "Warning" && e.Reason == said));
        await product.DeleteModelAsync(name);
    }

    [Theory]
    [InlineData("""{ "replicas": -1 }""", "spec.replicas")]
    [InlineData("""{ "precision": "Float8" }""", "spec.precision")]
    [InlineData("""{ "limits": { "maxInputTokens": 0 } }""", "spec.limits.maxInputTokens")]
    public async Task AFieldOutOfBounds_IsRefused_AndNamed(string extra, string field)
    {
        var refusal = await Assert.ThrowsAsync<HttpOperationException>(() => product.CreateModelAsync("refused", "Generate", "pvc://models/llama-untied", extra));
        Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, refusal.Response.StatusCode);
        Assert.Contains(field, JsonDocument.Parse(refusal.Response.Content).RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
    }
}
