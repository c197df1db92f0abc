using System.Diagnostics;
using System.Net;
using System.Text.Json;
using AttentionOperator.Runtime.Tracing;

namespace AttentionOperator.Runtime.Tests;

public sealed class AdminTests
{
    [Fact]
    public async Task Models_tell_everything_that_a_gateway_compares()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x", maxInput: 700, maxOutput: 80);
        await using var owned = server;
        using var document = JsonDocument.Parse(await server.Client.GetStringAsync(new Uri("/v1/models", UriKind.Relative)));
        var model = document.RootElement.GetProperty("data")[0];
        Assert.Equal("tiny", model.GetProperty("id").GetString());
        Assert.Equal(1000, model.GetProperty("max_model_len").GetInt32());
        var own = model.GetProperty("attention");
        Assert.Equal("sha256:bytes", own.GetProperty("tokenizer_fingerprint").GetString());
        Assert.Equal("abc123", own.GetProperty("revision").GetString());
        Assert.Equal(700, own.GetProperty("limits").GetProperty("max_input_tokens").GetInt32());
        Assert.Equal(80, own.GetProperty("limits").GetProperty("max_output_tokens").GetInt32());
        Assert.Equal("Reject", own.GetProperty("limits").GetProperty("on_too_long").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync(new Uri("/v1/models/other", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync(new Uri("/v2/nothing", UriKind.Relative))).StatusCode);
        Assert.Contains("attention-runtime", await server.Client.GetStringAsync(new Uri("/version", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_have_base_units_and_no_colons()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "hello");
        await using var owned = server;
        await server.PostAsync("/v1/completions", """{"model":"tiny","prompt":"ab"}""");
        await LifecycleTests.UntilAsync(() => server.Server.Gate.Inside == 0);
        var metrics = await server.MetricsAsync();
        Assert.DoesNotContain("vllm:", metrics, StringComparison.Ordinal);
        const string labels = "model=\"tiny\",model_namespace=\"team\",revision=\"abc123\"";
        Assert.Contains($"attention_requests_total{{endpoint=\"completions\",code=\"200\",{labels}}} 1", metrics, StringComparison.Ordinal);
        Assert.Contains($"attention_queue_depth{{priority=\"batch\",{labels}}} 3", metrics, StringComparison.Ordinal);
        Assert.Contains($"attention_request_output_tokens_sum{{{labels}}} 6", metrics, StringComparison.Ordinal);
        Assert.Contains($"attention_time_to_first_token_seconds_count{{{labels}}} 1", metrics, StringComparison.Ordinal);
        Assert.Contains($"attention_generations_finished_total{{finish_reason=\"stop\",{labels}}} 1", metrics, StringComparison.Ordinal);
        Assert.Contains($"attention_requests_in_flight{{{labels}}} 0", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_other_names_are_there_on_request()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "hello", c => c with { VllmMetricAliases = true });
        await using var owned = server;
        await server.PostAsync("/v1/completions", """{"model":"tiny","prompt":"ab"}""");
        var metrics = await server.MetricsAsync();
        Assert.Contains("vllm:num_requests_waiting{model_name=\"tiny\",model_namespace=\"team\",revision=\"abc123\"} 6\n", metrics, StringComparison.Ordinal);
        Assert.Contains("# TYPE vllm:time_to_first_token_seconds histogram", metrics, StringComparison.Ordinal);
        Assert.Contains("vllm:time_to_first_token_seconds_bucket{model_name=\"tiny\"", metrics, StringComparison.Ordinal);
        Assert.Contains("vllm:kv_cache_usage_perc{model_name=\"tiny\"", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Spans_follow_the_callers_context_and_hold_no_content()
    {
        var seen = await SpansAsync("4bf92f3577b34da6a3ce929d0e0e4736", capture: false);
        var root = seen.Single(s => s.Kind == ActivityKind.Server);
        Assert.Equal("text_completion tiny", root.DisplayName);
        Assert.Equal("00f067aa0ba902b7", root.ParentSpanId.ToString());
        Assert.Equal(10, root.GetTagItem("gen_ai.usage.output_tokens"));
        Assert.Equal(["decode", "detokenize", "prefill", "queue", "tokenize"], seen.Where(s => s.ParentSpanId == root.SpanId).Select(s => s.DisplayName).Order(StringComparer.Ordinal));
        Assert.All(seen, s => Assert.DoesNotContain(s.TagObjects, t => t.Value is string text && (text.Contains("secret", StringComparison.Ordinal) || text.Contains("confidential", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Content_is_recorded_where_somebody_asks_for_it()
    {
        var root = (await SpansAsync("5bf92f3577b34da6a3ce929d0e0e4736", capture: true)).Single(s => s.Kind == ActivityKind.Server);
        Assert.Equal("\"confidential\"", root.GetTagItem("gen_ai.input.messages"));
        Assert.Equal("""[{"role":"assistant","content":"topsecret"}]""", root.GetTagItem("gen_ai.output.messages"));
    }

    private static async Task<List<Activity>> SpansAsync(string trace, bool capture)
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == RuntimeTracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = a =>
            {
                lock (spans)
                {
                    if (a.TraceId.ToString() == trace) spans.Add(a);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        var (server, _) = await TestServer.GenerateAsync(_ => "topsecret", options: new RuntimeOptions { CapturesContent = capture });
        await using var owned = server;
        await server.PostAsync("/v1/completions", """{"model":"tiny","prompt":"confidential"}""", ("traceparent", $"00-{trace}-00f067aa0ba902b7-01"));
        await LifecycleTests.UntilAsync(() => server.Server.Gate.Inside == 0);
        lock (spans) return [.. spans];
    }
}
