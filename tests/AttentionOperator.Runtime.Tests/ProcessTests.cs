using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;

namespace AttentionOperator.Runtime.Tests;

/// <summary>The executable as a pod runs it.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly string _directory = Directory.CreateTempSubdirectory("attention-process-").FullName;
    private Process? _process;
    private Task<string> _log = Task.FromResult("");

    public void Dispose()
    {
        if (_process is { HasExited: false }) _process.Kill();
        _process?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Serves_until_sigterm_and_finishes_its_streams()
    {
        // Sixteen answers in two places: most of them wait when the signal comes, and all together they are long enough for it to come in the middle.
        const int streams = 16;
        var address = await StartAsync(GoldenServer.Directory("llama-untied"), """{"model":"tiny","namespace":"team","revision":"r","task":"Generate","limits":{"maxBatchTokens":64},"batching":{"maxSequences":2},"drainSeconds":110,"threads":1}""");
        using var client = new HttpClient { BaseAddress = address, Timeout = Patience };
        await ReadyAsync(client);
        Assert.Contains("attention_cold_start_seconds{phase=\"total\"", await client.GetStringAsync(new Uri("/metrics", UriKind.Relative)), StringComparison.Ordinal);
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answers = Enumerable.Range(0, streams).Select(async i =>
        {
            using var request = TestServer.Request("/v1/completions", $$"""{"model":"tiny","prompt":"Once {{i}}","max_tokens":480,"ignore_eos":true,"stream":true}""");
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            var last = "";
            while (await reader.ReadLineAsync() is { } line)
            {
                first.TrySetResult();
                if (line.Length > 0) last = line;
            }

            return last;
        }).ToList();
        await first.Task.WaitAsync(Patience);
        using (var kill = Process.Start("kill", ["-TERM", $"{_process!.Id}"])) await kill.WaitForExitAsync();
        // Readiness goes off with the signal, while the streams go on.
        var watch = Stopwatch.StartNew();
        while ((await client.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode == HttpStatusCode.OK) Assert.True(watch.Elapsed < Patience, "the signal did not arrive");
        using (var late = await client.SendAsync(TestServer.Request("/v1/completions", """{"model":"tiny","prompt":"late","max_tokens":1}""")))
            Assert.Equal("Draining", late.Headers.GetValues(HeaderNames.Reason).Single());
        Assert.Contains(answers, a => !a.IsCompleted);
        foreach (var last in await Task.WhenAll(answers)) Assert.True(last == "data: [DONE]", $"a stream ended with {last}; log: {await _log}");
        await _process.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(0, _process.ExitCode);
        // One JSON object per line, and nothing of what was asked or answered.
        var lines = (await _log).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(lines);
        Assert.All(lines, l => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(l).RootElement.ValueKind));
        Assert.All(lines, l => Assert.DoesNotContain("Once", l, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failed_start_ends_with_code_1_and_one_line()
    {
        await StartAsync(Path.Combine(_directory, "nowhere"), """{"model":"tiny","namespace":"team","revision":"r","task":"Generate"}""");
        await _process!.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(1, _process.ExitCode);
        var lines = await File.ReadAllLinesAsync(Path.Combine(_directory, "termination-log"));
        Assert.Equal(StartFailureReason.ModelNotFound, TerminationMessage.Parse(lines.Single())!.Reason);
    }

    [Fact]
    public async Task A_wrong_command_line_ends_with_code_2()
    {
        _process = Start(["serve", "--modle", "x"]);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(2, _process.ExitCode);
    }

    private async Task<Uri> StartAsync(string model, string configuration)
    {
        var config = Path.Combine(_directory, "runtime.json");
        await File.WriteAllTextAsync(config, configuration);
        _process = Start(["serve", "--config", config, "--model", model, "--listen", "127.0.0.1:0"]);
        while (await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            var at = line.IndexOf("Listening on ", StringComparison.Ordinal);
            if (at < 0) continue;
            var address = line[(at + 13)..].Split(' ')[0];
            // Read on, so that the pipe does not block the process.
            _log = _process.StandardOutput.ReadToEndAsync();
            return new Uri(address);
        }

        throw new InvalidOperationException("The process ended before it listened.");
    }

    private Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "attention-runtime")) { RedirectStandardOutput = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment[EnvironmentNames.TerminationLog] = Path.Combine(_directory, "termination-log");
        return Process.Start(start)!;
    }

    private static async Task ReadyAsync(HttpClient client)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            using var response = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            if (response.StatusCode == HttpStatusCode.OK) return;
            Assert.True(watch.Elapsed < Patience, "not ready in time");
            await Task.Delay(50);
        }
    }
}
