using System.Net;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.TokenCounting;
using AttentionOperator.Tokenization;
using Microsoft.Extensions.DependencyInjection;

namespace AttentionOperator.Gateway.Tests.Integration;

public sealed class TokenCapsOverHttpTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gateway-tokenizers").FullName;
    private LoadedTokenizer _tokenizer;

    public TokenCapsOverHttpTests() => _tokenizer = Mount("qwen2");

    private LoadedTokenizer Mount(string golden)
    {
        var target = Path.Combine(_root, "ns", "chat");
        if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        Directory.CreateDirectory(target);
        foreach (var file in Directory.GetFiles(Golden(golden), "*token*")) File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        return TokenizerLoader.Load(target);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("""{"model":"chat","prompt":"TEXT"}""", "/v1/completions", "prompt")]
    [InlineData("""{"model":"chat","input":["a","TEXT"]}""", "/v1/embeddings", "input")]
    public async Task TheCap_IsExact(string body, string path, string param)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(o => o with { TokenizerDirectory = _root });
        await using var a = await MockRuntime.StartAsync();
        a.Fingerprint = _tokenizer.Tokenizer.Fingerprint;
        const string fits = "the quick brown fox jumps over the lazy dog, again and again.";
        var cap = _tokenizer.Tokenizer.Count(fits);
        gateway.Apply("chat", new() { Limits = new() { MaxInputTokens = cap } }, null, ("a", 100, [a]));
        await AgreeAsync(gateway, a);
        using var just = await gateway.PostAsync(body.Replace("TEXT", fits, StringComparison.Ordinal), path);
        Assert.Equal(HttpStatusCode.OK, just.StatusCode);
        using var over = await gateway.PostAsync(body.Replace("TEXT", fits + " zz", StringComparison.Ordinal), path);
        var error = await GatewayUnderTest.ErrorOf(over);
        Assert.Equal((HttpStatusCode.BadRequest, "TooLong", param), (over.StatusCode, over.Headers.GetValues(HeaderNames.Reason).Single(), error["param"]!.GetValue<string>()));
        Assert.Contains($"{_tokenizer.Tokenizer.Count(fits + " zz")} tokens; the model takes at most {cap}", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain(a.Requests, r => r.Body.ToJsonString().Contains(" zz", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AConversation_IsCountedAsItsTemplateRendersIt()
    {
        _tokenizer = Mount("llama-untied");
        await using var gateway = await GatewayUnderTest.StartAsync(o => o with { TokenizerDirectory = _root });
        await using var a = await MockRuntime.StartAsync();
        a.Fingerprint = _tokenizer.Tokenizer.Fingerprint;
        const string messages = """[{"role":"user","content":"the quick brown fox"}]""";
        var rendered = _tokenizer.ChatTemplate!.Render(JsonNode.Parse(messages)!.AsArray(), addGenerationPrompt: true);
        var tokens = _tokenizer.Tokenizer.Encode(rendered, addSpecialTokens: false).Ids.Length;
        foreach (var (cap, status) in new[] { (tokens, HttpStatusCode.OK), (tokens - 1, HttpStatusCode.BadRequest) })
        {
            gateway.Apply("chat", new() { Limits = new() { MaxInputTokens = cap } }, null, ("a", 100, [a]));
            await AgreeAsync(gateway, a);
            using var response = await gateway.PostAsync($$"""{"model":"chat","messages":{{messages}}}""", "/v1/chat/completions");
            Assert.Equal(status, response.StatusCode);
        }
    }

    [Fact]
    public async Task AnotherTokenizer_IsNoReasonToGuess()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(o => o with { TokenizerDirectory = _root });
        await using var a = await MockRuntime.StartAsync();
        a.Fingerprint = "sha256:other";
        gateway.Apply("chat", new() { Limits = new() { MaxInputTokens = 1 } }, null, ("a", 100, [a]));
        using var first = await gateway.PostAsync("""{"model":"chat","prompt":"many more tokens than one"}""");
        await a.Asked;
        using var second = await gateway.PostAsync("""{"model":"chat","prompt":"many more tokens than one"}""");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        Assert.Contains("attention_gateway_tokenizer_checks_total{result=\"Disagrees\"}", await gateway.Admin.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    /// <summary>The first request asks the runtime; from its answer on inputs are counted.</summary>
    private async Task AgreeAsync(GatewayUnderTest gateway, MockRuntime runtime)
    {
        var agreement = gateway.Services.GetRequiredService<TokenizerAgreement>();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!agreement.Holds(gateway.Source.Table.Find("chat").Route!, _tokenizer.Tokenizer.Fingerprint)) await Task.Delay(10, limit.Token);
        Assert.True(runtime.Asked.IsCompleted);
    }

    private static string Golden(string model)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var candidate = Path.Combine(directory.FullName, "testassets", "golden", model);
            if (Directory.Exists(candidate)) return candidate;
        }

        throw new DirectoryNotFoundException($"testassets/golden/{model} is not above the test's directory");
    }
}
