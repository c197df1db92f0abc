using System.Diagnostics;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.Tests.Fakes;

namespace AttentionOperator.Runtime.Tests;

/// <summary>The official npm client (openai) against the server, in a process of node; the checks are in NpmClient/client.mjs.</summary>
public sealed class NpmClientTests
{
    private const string Greeting = "Grüß dich, 世界";
    private const string Call = "<tool_call>{\"name\":\"weather\",\"arguments\":{\"city\":\"Rom\"}}</tool_call>";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData("chat", Greeting)]
    [InlineData("completions", Greeting)]
    [InlineData("models", Greeting)]
    [InlineData("tokens", Greeting)]
    [InlineData("json", """{"name":"Ann"}""")]
    [InlineData("tools", Call)]
    public async Task Generation(string group, string answer)
    {
        var (server, _) = await TestServer.GenerateAsync(_ => answer, template: new PlainTemplate("tools <tool_call>"));
        await using var owned = server;
        await CheckAsync(group, server);
        await LifecycleTests.UntilAsync(() => server.Server.Gate.Inside == 0);
    }

    [Fact]
    public async Task Errors()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "abc", maxInput: 5);
        await using var owned = server;
        engine.Refuse = r => r.PromptIds is [1] ? new RequestRefusedException(RefusalReason.QueueFull, "full", TimeSpan.FromSeconds(6.5)) : null;
        engine.BeforeToken = (r, i, _) => r.PromptIds is [2] && i == 2 ? throw new GenerationFailedException("device lost", false) : Task.CompletedTask;
        await CheckAsync("errors", server);
    }

    [Theory]
    [InlineData("embeddings", ModelTask.Embed, 16)]
    [InlineData("rerank", ModelTask.Rerank, 1)]
    [InlineData("classify", ModelTask.Classify, 2)]
    public async Task Encoders(string group, ModelTask task, int width)
    {
        var (server, _) = await TestServer.EncodeAsync(task, width, labels: task == ModelTask.Classify ? ["no", "yes"] : null);
        await using var owned = server;
        await CheckAsync(group, server);
    }

    private static async Task CheckAsync(string group, TestServer server)
    {
        var directory = Folder();
        Assert.SkipUnless(File.Exists(Path.Combine(directory, "node_modules", "openai", "package.json")), "The npm package openai is not installed; build/npm-client.sh does it.");
        var start = new ProcessStartInfo("node", [Path.Combine(directory, "client.mjs"), group, server.Address.ToString().TrimEnd('/')]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var node = Process.Start(start)!;
        try
        {
            var output = node.StandardOutput.ReadToEndAsync();
            var errors = node.StandardError.ReadToEndAsync();
            await node.WaitForExitAsync().WaitAsync(Patience);
            Assert.True(node.ExitCode == 0 && (await output).TrimEnd() == "ok", $"{await output}{await errors}");
        }
        finally
        {
            if (!node.HasExited) node.Kill();
        }
    }

    private static string Folder()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var candidate = Path.Combine(directory.FullName, "NpmClient");
            if (File.Exists(Path.Combine(candidate, "client.mjs"))) return candidate;
        }

        throw new DirectoryNotFoundException($"NpmClient is in no directory above {AppContext.BaseDirectory}");
    }
}
