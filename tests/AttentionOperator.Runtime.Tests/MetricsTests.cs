using System.Globalization;
using System.Net;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.Metrics;
using AttentionOperator.Runtime.Startup;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Runtime.Tests;

public sealed class MetricsTests
{
    private const string Path = "/v1/completions";

    [Fact]
    public async Task A_model_that_answers_tells_batches_memory_entropy_and_its_start()
    {
        await using var server = await GoldenServer.OpenAsync("llama-untied", ModelTask.Generate, c => c with { EntropySampleRatio = 1, VllmMetricAliases = true });
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(Path, $$"""{"model":"tiny","prompt":"Once upon {{i}} times","max_tokens":4,"ignore_eos":true}""")).Status);
        }

        await LifecycleTests.UntilAsync(() => server.Server.Gate.Inside == 0);
        var metrics = await server.MetricsAsync();
        Assert.True(Value(metrics, "attention_batch_sequences_count") >= 9);
        Assert.Equal(Value(metrics, "attention_engine_steps_total"), Value(metrics, "attention_step_tokens_count"));
        Assert.Equal(Value(metrics, "attention_batch_sequences_count"), Value(metrics, "attention_step_duration_seconds_count"));
        Assert.True(Value(metrics, "attention_device_memory_used_bytes") > 1 << 20);
        Assert.True(Value(metrics, "attention_device_memory_total_bytes") > Value(metrics, "attention_device_memory_used_bytes"));
        Assert.Equal(0, Value(metrics, "attention_out_of_memory_total"));
        Assert.Equal(0, Value(metrics, "attention_engine_failed_steps_total"));
        // The warm-up is measured too, as long as its prompts are.
        Assert.True(Value(metrics, "attention_entropy_ratio_count{layer=\"0\",length=\"128\"") >= 3);
        var entropy = Value(metrics, "attention_entropy_ratio_sum{layer=\"1\",length=\"128\"") / Value(metrics, "attention_entropy_ratio_count{layer=\"1\",length=\"128\"");
        Assert.InRange(entropy, 0.01, 1);
        Assert.DoesNotContain("\nattention_entropy_drift_score{", metrics, StringComparison.Ordinal);
        foreach (var phase in (string[])["tokenizer", "weights", "plan", "engine", "warm_up"]) Assert.True(Value(metrics, $"attention_cold_start_seconds{{phase=\"{phase}\"") >= 0);
        Assert.Equal(Value(metrics, "attention_step_tokens_count"), Value(metrics, "vllm:iteration_tokens_total_count"));
        Assert.Equal(1, Value(metrics, "vllm:cache_config_info{block_size=\"16\",num_gpu_blocks=\""));
        Assert.Equal(3, Value(metrics, "vllm:e2e_request_latency_seconds_count{endpoint=\"completions\""));
    }

    [Fact]
    public async Task An_encoder_tells_its_batches_too()
    {
        await using var server = await GoldenServer.OpenAsync("bert-mean", ModelTask.Embed);
        Assert.Equal(HttpStatusCode.OK, (await server.PostAsync("/v1/embeddings", """{"model":"tiny","input":["one","two","three"]}""")).Status);
        var metrics = await server.MetricsAsync();
        Assert.Equal(Value(metrics, "attention_engine_steps_total"), Value(metrics, "attention_batch_sequences_count"));
        Assert.True(Value(metrics, "attention_batch_sequences_sum") > 3);
    }

    [Fact]
    public async Task What_the_tokenizer_cannot_read_is_counted()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        server.Tokenizer.OnEncode = _ => throw new TokenizationException("no such piece");
        var (status, body, _) = await server.PostAsync(Path, """{"model":"tiny","prompt":"y"}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("no such piece", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, Value(await server.MetricsAsync(), "attention_tokenization_failures_total"));
    }

    [Fact]
    public async Task Memory_that_runs_out_is_an_error_with_the_sizes_of_request_and_step()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        engine.Refuse = _ => new GenerationFailedException("CUDA out of memory. Tried to allocate 2 GiB", true) { Shortage = new MemoryShortage(900, 2048, 7) };
        var (status, body, response) = await server.PostAsync(Path, """{"model":"tiny","prompt":"y"}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("OutOfMemory", response.Headers.GetValues(HeaderNames.Reason).Single());
        Assert.NotNull(response.Headers.RetryAfter);
        var message = body.GetProperty("error").GetProperty("message").GetString();
        Assert.Contains("request of 900 tokens, in a step of 2048 tokens of 7 sequences", message, StringComparison.Ordinal);
        Assert.DoesNotContain("CUDA", message, StringComparison.Ordinal);
        Assert.Equal(1, Value(await server.MetricsAsync(), "attention_requests_rejected_total{reason=\"OutOfMemory\""));
    }

    [Fact]
    public void The_termination_message_says_that_it_was_memory()
    {
        var memory = EngineEnd.Describe(EngineState.Faulted, new InvalidOperationException("3 steps failed in a row; a request of 900 tokens", new InsufficientMemoryException()));
        Assert.Equal(StartFailureReason.OutOfMemory, memory.Reason);
        Assert.Contains("900 tokens", memory.Message, StringComparison.Ordinal);
        var other = EngineEnd.Describe(EngineState.Faulted, new InvalidOperationException("device lost"));
        Assert.Equal(StartFailureReason.InternalError, other.Reason);
        Assert.Contains("device lost", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entropy_that_moves_is_drift_and_too_little_data_is_neither()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        var entropy = server.Server.Metrics.Entropy;
        var random = new Random(5);
        void Observe(int count, double centre)
        {
            for (var i = 0; i < count; i++) entropy.Observe(new EntropySample(2000, [.. Enumerable.Range(0, 12).Select(_ => Math.Clamp(centre + ((random.NextDouble() - 0.5) / 2), 0, 1))]));
        }

        const string labels = "{layer=\"11\",length=\"8192\"";
        Observe(EntropyMetrics.ReferenceSize + EntropyMetrics.WindowSize - 1, 0.5);
        Assert.DoesNotContain("attention_entropy_drifting" + labels, await server.MetricsAsync(), StringComparison.Ordinal);
        Observe((4 * EntropyMetrics.WindowSize) + 1, 0.5);
        Assert.Equal(0, Value(await server.MetricsAsync(), "attention_entropy_drifting" + labels));
        Observe(3 * EntropyMetrics.WindowSize, 0.35);
        var metrics = await server.MetricsAsync();
        Assert.Equal(1, Value(metrics, "attention_entropy_drifting" + labels));
        Assert.True(Value(metrics, "attention_entropy_drift_score" + labels) > 0.1);
        // Of twelve layers eight are watched, the first and the last among them.
        Assert.Equal(8, metrics.Split('\n').Count(l => l.StartsWith("attention_entropy_drifting{", StringComparison.Ordinal)));
        Observe(EntropyMetrics.WindowSize, 0.5);
        Assert.Equal(0, Value(await server.MetricsAsync(), "attention_entropy_drifting" + labels));
    }

    internal static double Value(string metrics, string start)
    {
        var line = metrics.Split('\n').FirstOrDefault(l => l.StartsWith(start, StringComparison.Ordinal) && (start.Contains('{', StringComparison.Ordinal) || l[start.Length] is '{' or ' '));
        Assert.True(line is not null, $"no {start} in:\n{metrics}");
        return double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }
}
