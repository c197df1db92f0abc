using System.Diagnostics;
using System.Globalization;
using AttentionOperator.Bench.Results;

namespace AttentionOperator.Quickstart;

/// <summary>The story that <c>make run</c> and <c>make demo</c> tell: Sandbox up, models applied, answers.</summary>
internal sealed class Story(QuickstartPaths paths, TextWriter output)
{
    private const string Prompt = "It is a truth universally acknowledged, that";
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <param name="unattended">Do not stay when the story is told.</param>
    /// <param name="measure">Write <c>bench/results/skeleton.json</c>.</param>
    /// <param name="cancellation">Ends the story; everything that was started is stopped.</param>
    public async Task RunAsync(bool unattended, bool measure, CancellationToken cancellation)
    {
        Directory.CreateDirectory(paths.State);
        if (RunningInstance.Find(paths.PidFile) is { } other) throw new QuickstartException($"It already runs, as process {other}. Stop it first: make stop");
        await File.WriteAllTextAsync(paths.PidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), cancellation);
        Say("Starting the Sandbox: a Kubernetes API, a node, and in it the operator and the gateway as pods");
        await using var sandbox = SandboxProcess.Start(paths);
        await sandbox.WaitForReadyAsync(paths.ReadyFile, cancellation);
        using var cluster = new Cluster(paths.KubeConfig);
        await cluster.WaitForProductAsync(cancellation);

        var applied = _clock.Elapsed;
        await ServeAsync(cluster, "chat.yaml", cancellation);
        var url = await cluster.GatewayUrlAsync(cancellation);
        using var api = new OpenAiApi(url);
        var firstToken = await FirstTokenAsync(api, cancellation) - applied;
        var completion = await api.CompleteAsync("chat", Prompt, 48, cancellation);
        var ready = _clock.Elapsed;
        Say("The first completion:");
        output.WriteLine();
        output.WriteLine($"    {Prompt}{completion.ReplaceLineEndings("\n    ")}");
        output.WriteLine();

        await ServeAsync(cluster, "embed.yaml", cancellation);
        await CompareAsync(api, cancellation);
        if (measure) await MeasureAsync(api, sandbox, ready, firstToken, cancellation);
        Hints(url);
        if (unattended) return;
        Say("Running until Ctrl-C (or: make stop)");
        var ended = await Task.WhenAny(sandbox.Exited, Task.Delay(Timeout.Infinite, cancellation));
        if (ended == sandbox.Exited && !cancellation.IsCancellationRequested) Say("The Sandbox was stopped");
    }

    private async Task ServeAsync(Cluster cluster, string sample, CancellationToken cancellation)
    {
        Say($"Applying config/samples/{sample}");
        var key = await cluster.ApplyAsync(Path.Combine(paths.Samples, sample), cancellation);
        await cluster.WaitForReadyAsync(key, line => Say($"  {key.Name}: {line}"), cancellation);
    }

    private async Task<TimeSpan> FirstTokenAsync(OpenAiApi api, CancellationToken cancellation)
    {
        await api.CompleteAsync("chat", Prompt, 1, cancellation);
        return _clock.Elapsed;
    }

    /// <summary>Everything is a whole-process figure of the story as a user sees it, on the machine that the report names.</summary>
    private async Task MeasureAsync(OpenAiApi api, SandboxProcess sandbox, TimeSpan ready, TimeSpan firstToken, CancellationToken cancellation)
    {
        const int tokens = 256;
        var rates = new List<double>();
        for (var run = 0; run < 5; run++)
        {
            var started = _clock.Elapsed;
            var generated = await api.CountTokensAsync("chat", Prompt, tokens, cancellation);
            rates.Add(generated / (_clock.Elapsed - started).TotalSeconds);
        }

        rates.Sort();
        var memory = ProcessTree.ResidentMiB(sandbox.Id);
        BenchmarkReport.Create("skeleton", "make bench-skeleton", paths.Root, new Dictionary<string, Metric>
        {
            ["make_run_ready_seconds"] = new(Math.Round(ready.TotalSeconds, 2), "seconds"),
            ["apply_to_first_token_seconds"] = new(Math.Round(firstToken.TotalSeconds, 2), "seconds"),
            ["decode_tokens_per_second"] = new(Math.Round(rates[rates.Count / 2], 1), "tokens/s"),
            ["rss_mb_operator"] = new(Math.Round(memory["attention-operator"]), "MiB"),
            ["rss_mb_gateway"] = new(Math.Round(memory["attention-gateway"]), "MiB"),
            ["rss_mb_runtime"] = new(Math.Round(memory["attention-runtime"]), "MiB"),
            ["rss_mb_sandbox"] = new(Math.Round(memory["attention-sandbox"]), "MiB"),
        }, "make_run_ready_seconds is from the start of the built program to the first completion; decode is the median of 5 requests of 256 tokens for the sample decoder through the gateway.").Write(paths.Root);
        Say("Wrote bench/results/skeleton.json");
    }

    private async Task CompareAsync(OpenAiApi api, CancellationToken cancellation)
    {
        var query = await api.EmbedAsync("embed", "They danced at the ball all evening.", cancellation);
        var near = await api.EmbedAsync("embed", "Mr. Bingley asked her to dance again at the assembly.", cancellation);
        var far = await api.EmbedAsync("embed", "The rent of the farm was settled with the attorney.", cancellation);
        Say(string.Create(CultureInfo.InvariantCulture, $"Embeddings: cosine {Dot(query, near):F2} for two sentences about a ball, {Dot(query, far):F2} for a ball and a farm's rent"));
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private void Hints(string url)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, paths.KubeConfig);
        output.WriteLine($$"""

            Gateway (OpenAI API):  {{url}}
            Kubeconfig:            {{paths.KubeConfig}}

            Try:
              curl -s {{url}}/completions -H 'Content-Type: application/json' -d '{"model":"chat","prompt":"{{Prompt}}","max_tokens":40}'
              curl -sN {{url}}/chat/completions -H 'Content-Type: application/json' -d '{"model":"chat","stream":true,"max_tokens":40,"messages":[{"role":"user","content":"How do you do?"}]}'
              curl -s {{url}}/embeddings -H 'Content-Type: application/json' -d '{"model":"embed","input":"a ball at Netherfield"}'
              kubectl --kubeconfig {{relative}} get attentionmodels

            """);
    }

    private void Say(string line) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{_clock.Elapsed.TotalSeconds,6:F1} s] {line}"));
}
