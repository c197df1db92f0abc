using System.Net;
using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Runtime.Tests;

public sealed class CompletionTests
{
    private const string Path = "/v1/completions";

    [Fact]
    public async Task Answers_with_text_usage_and_finish_reason()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "Grüße");
        await using var owned = server;
        var (status, body, response) = await server.PostAsync(Path, """{"model":"tiny","prompt":"ab","max_tokens":50}""");
        Assert.Equal(HttpStatusCode.OK, status);
        var choice = body.GetProperty("choices")[0];
        Assert.Equal("Grüße", choice.GetProperty("text").GetString());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(3, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        // Seven bytes and the end token.
        Assert.Equal(8, body.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal(2, body.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
        Assert.Equal("abc123", body.GetProperty("system_fingerprint").GetString());
        Assert.True(response.Headers.Contains(HeaderNames.RequestId));
        Assert.Equal([256, 'a', 'b'], engine.Requests.Single().PromptIds);
    }

    [Fact]
    public async Task Passes_every_sampling_field_on()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        var (status, _, _) = await server.PostAsync(Path, """
            {"model":"tiny","prompt":[1,2,3],"max_tokens":7,"temperature":0.5,"top_p":0.9,"top_k":11,"min_p":0.05,"repetition_penalty":1.1,
             "frequency_penalty":-0.5,"presence_penalty":0.25,"seed":-3,"logit_bias":{"65":-100},"stop":["END","x"],"stop_token_ids":[10],"min_tokens":2,
             "user":"someone"}
            """, (HeaderNames.Priority, "batch"));
        Assert.Equal(HttpStatusCode.OK, status);
        var request = engine.Requests.Single();
        Assert.Equal([1, 2, 3], request.PromptIds);
        Assert.Equal(7, request.MaxTokens);
        Assert.Equal(0.5f, request.Sampling.Temperature);
        Assert.Equal(0.9f, request.Sampling.TopP);
        Assert.Equal(11, request.Sampling.TopK);
        Assert.Equal(0.05f, request.Sampling.MinP);
        Assert.Equal(1.1f, request.Sampling.RepetitionPenalty);
        Assert.Equal(-0.5f, request.Sampling.FrequencyPenalty);
        Assert.Equal(0.25f, request.Sampling.PresencePenalty);
        Assert.Equal(-3, request.Sampling.Seed);
        Assert.Equal(-100f, request.Sampling.LogitBias![65]);
        Assert.Equal(["END", "x"], request.StopStrings);
        Assert.Equal([257, 10], request.StopIds);
        Assert.Equal(2, request.MinTokens);
        Assert.Equal(PriorityClass.Batch, request.Priority);
    }

    [Fact]
    public async Task Streams_whole_characters_then_usage_then_done()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "aé😀b");
        await using var owned = server;
        var lines = await server.StreamAsync(Path, """{"model":"tiny","prompt":"x","max_tokens":50,"stream":true,"stream_options":{"include_usage":true}}""");
        Assert.Equal("[DONE]", lines[^1]);
        var chunks = lines[..^1].Select(l => JsonDocument.Parse(l).RootElement).ToList();
        var texts = chunks[..^1].Select(c => c.GetProperty("choices")[0].GetProperty("text").GetString()).ToList();
        Assert.Equal("aé😀b", string.Concat(texts));
        Assert.DoesNotContain(texts, t => t!.Contains('\uFFFD', StringComparison.Ordinal));
        Assert.All(chunks[..^1], c => Assert.Equal(JsonValueKind.Null, c.GetProperty("usage").ValueKind));
        Assert.Equal("stop", chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        Assert.Equal(9, chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.False(chunks[0].GetProperty("choices")[0].TryGetProperty("token_ids", out _));
    }

    [Fact]
    public async Task Numbers_choices_by_prompt_and_seeds_them_apart()
    {
        var (server, engine) = await TestServer.GenerateAsync(r => $"{(char)r.PromptIds[^1]}{r.Sampling.Seed}");
        await using var owned = server;
        var (_, body, _) = await server.PostAsync(Path, """{"model":"tiny","prompt":["a","b"],"n":2,"seed":5,"max_tokens":50}""");
        Assert.Equal(["a5", "a6", "b5", "b6"], body.GetProperty("choices").EnumerateArray().OrderBy(c => c.GetProperty("index").GetInt32()).Select(c => c.GetProperty("text").GetString()));
        Assert.Equal(4, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(0, engine.Running);
    }

    [Fact]
    public async Task Reports_log_probabilities_in_the_older_shape()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "hé");
        await using var owned = server;
        var (_, body, _) = await server.PostAsync(Path, """{"model":"tiny","prompt":"x","max_tokens":50,"logprobs":2}""");
        var logProbs = body.GetProperty("choices")[0].GetProperty("logprobs");
        Assert.Equal(["h", "bytes:\\xc3", "bytes:\\xa9"], logProbs.GetProperty("tokens").EnumerateArray().Select(t => t.GetString()));
        Assert.All(logProbs.GetProperty("token_logprobs").EnumerateArray(), p => Assert.Equal(-0.5, p.GetDouble(), 6));
        Assert.Equal(2, logProbs.GetProperty("top_logprobs")[0].EnumerateObject().Count());
    }

    [Fact]
    public async Task Echo_scores_the_prompt_without_generating()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "zzz");
        await using var owned = server;
        var (_, body, _) = await server.PostAsync(Path, """{"model":"tiny","prompt":"abc","max_tokens":0,"logprobs":0,"echo":true}""");
        var choice = body.GetProperty("choices")[0];
        Assert.Equal("abc", choice.GetProperty("text").GetString());
        Assert.Equal([null, -0.25, -0.25, -0.25], choice.GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Select(p => p.ValueKind == JsonValueKind.Null ? (double?)null : p.GetDouble()));
        Assert.Equal(0, body.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Theory]
    [InlineData("""{"model":"tiny"}""", 400, "prompt")]
    [InlineData("""{"prompt":"x"}""", 400, "model")]
    [InlineData("""{"model":"other","prompt":"x"}""", 404, "model")]
    [InlineData("""{"model":"tiny","prompt":"x","temperature":3}""", 400, "temperature")]
    [InlineData("""{"model":"tiny","prompt":"x","temperature":"hot"}""", 400, "temperature")]
    [InlineData("""{"model":"tiny","prompt":"x","n":0}""", 400, "n")]
    [InlineData("""{"model":"tiny","prompt":"x","best_of":4}""", 422, "best_of")]
    [InlineData("""{"model":"tiny","prompt":"x","suffix":"y"}""", 422, "suffix")]
    [InlineData("""{"model":"tiny","prompt":"x","frobnicate":true}""", 422, "frobnicate")]
    [InlineData("""{"model":"tiny","prompt":"x","stream_options":{"include_usage":true}}""", 400, "stream_options")]
    [InlineData("""{"model":"tiny","prompt":"x","stream":true,"stream_options":{"other":1}}""", 422, "stream_options.other")]
    [InlineData("""{"model":"tiny","prompt":"x","response_format":{"type":"regex"}}""", 422, "response_format.type")]
    [InlineData("""{"model":"tiny","prompt":[999]}""", 400, "prompt")]
    [InlineData("""{"model":"tiny","prompt":[]}""", 400, "prompt")]
    [InlineData("""{"model":"tiny","prompt":"x","stop":["a",1]}""", 400, "stop")]
    [InlineData("""{"model":"tiny","prompt":"x","logit_bias":{"999":1}}""", 400, "logit_bias")]
    [InlineData("""{"model":"tiny","prompt":"x","attention_continuation":{"token_ids":[1]}}""", 403, "attention_continuation")]
    public async Task Refuses_what_it_cannot_do_and_names_the_field(string json, int expected, string param)
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        var (status, body, response) = await server.PostAsync(Path, json);
        Assert.Equal(expected, (int)status);
        var error = body.GetProperty("error");
        Assert.Equal(param, error.GetProperty("param").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.NotEmpty(error.GetProperty("type").GetString()!);
        Assert.Equal(error.GetProperty("reason").GetString(), response.Headers.GetValues(HeaderNames.Reason).Single());
        Assert.Empty(engine.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("""{"model":"tiny","model":"tiny","prompt":"x"}""")]
    [InlineData("""{"model":"tiny","prompt":"\ud800"}""")]
    public async Task Broken_bodies_are_400(string json)
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        var (status, body, _) = await server.PostAsync(Path, json);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("InvalidRequest", body.GetProperty("error").GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Depth_and_size_are_bounded()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x", options: new RuntimeOptions { MaxBodyBytes = 100_000 });
        await using var owned = server;
        var deep = string.Concat(Enumerable.Repeat("[", 80)) + string.Concat(Enumerable.Repeat("]", 80));
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync(Path, $$"""{"model":"tiny","prompt":{{deep}}}""")).Status);
        var (status, body, _) = await server.PostAsync(Path, $$"""{"model":"tiny","prompt":"{{new string('a', 200_000)}}"}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("100000", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prefixes_are_shared_within_a_namespace_and_salt_only()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        await server.PostAsync(Path, """{"model":"tiny","prompt":"x"}""");
        await server.PostAsync(Path, """{"model":"tiny","prompt":"x"}""", (HeaderNames.CacheNamespace, "a"));
        await server.PostAsync(Path, """{"model":"tiny","prompt":"x"}""", (HeaderNames.CacheNamespace, "a"));
        await server.PostAsync(Path, """{"model":"tiny","prompt":"x","cache_salt":"s"}""", (HeaderNames.CacheNamespace, "a"));
        await server.PostAsync(Path, """{"model":"tiny","prompt":"x","cache_salt":"as"}""");
        var spaces = engine.Requests.Select(r => r.CacheNamespace).ToList();
        Assert.Null(spaces[0]);
        Assert.Equal(spaces[1], spaces[2]);
        Assert.Equal(4, spaces.Distinct().Count());
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync(Path, """{"model":"tiny","prompt":"x"}""", (HeaderNames.CacheNamespace, new string('n', 129)))).Status);
    }

    [Fact]
    public async Task Accepts_the_name_that_the_gateway_resolved()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        var (status, body, _) = await server.PostAsync(Path, """{"model":"alias","prompt":"x"}""", (HeaderNames.Model, "tiny"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("alias", body.GetProperty("model").GetString());
        Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(Path, """{"model":"team/tiny","prompt":"x"}""")).Status);
    }

    [Fact]
    public async Task The_cap_of_the_gateway_lowers_the_class()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        await server.PostAsync(Path, """{"model":"tiny","prompt":"x"}""", (HeaderNames.Priority, "interactive"), (HeaderNames.PriorityCap, "standard"));
        Assert.Equal(PriorityClass.Standard, engine.Requests.Single().Priority);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync(Path, """{"model":"tiny","prompt":"x"}""", (HeaderNames.Priority, "urgent"))).Status);
    }

    [Theory]
    [InlineData(RefusalReason.QueueFull, 503, "QueueFull")]
    [InlineData(RefusalReason.TokensFull, 503, "TokensFull")]
    [InlineData(RefusalReason.Draining, 503, "Draining")]
    [InlineData(RefusalReason.Deadline, 504, "DeadlineExceeded")]
    [InlineData(RefusalReason.TooLong, 400, "TooLong")]
    [InlineData(RefusalReason.Unsupported, 422, "Unsupported")]
    public async Task What_the_engine_refuses_has_a_status_before_the_first_byte(RefusalReason reason, int expected, string word)
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        engine.Refuse = _ => new RequestRefusedException(reason, "no", TimeSpan.FromSeconds(6.2));
        var (status, body, response) = await server.PostAsync(Path, """{"model":"tiny","prompt":"x","stream":true}""");
        Assert.Equal(expected, (int)status);
        Assert.Equal(word, response.Headers.GetValues(HeaderNames.Reason).Single());
        Assert.Equal("no", body.GetProperty("error").GetProperty("message").GetString());
        if (expected == 503) Assert.Equal(TimeSpan.FromSeconds(7), response.Headers.RetryAfter!.Delta);
        Assert.Contains($"attention_requests_rejected_total{{reason=\"{word}\"", await server.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_refused_choice_ends_the_others()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        engine.BeforeToken = (_, _, cancel) => Task.Delay(Timeout.Infinite, cancel);
        engine.Refuse = r => r.Id.EndsWith("-2", StringComparison.Ordinal) ? new RequestRefusedException(RefusalReason.QueueFull, "full") : null;
        var (status, _, _) = await server.PostAsync(Path, """{"model":"tiny","prompt":"x","n":3}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal(0, engine.Running);
    }

    [Fact]
    public async Task An_error_after_the_first_byte_is_an_event_without_done()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "hello");
        await using var owned = server;
        engine.BeforeToken = (_, i, _) => i == 3 ? throw new GenerationFailedException("the device is gone", retryable: false) : Task.CompletedTask;
        var lines = await server.StreamAsync(Path, """{"model":"tiny","prompt":"x","stream":true}""");
        Assert.DoesNotContain("[DONE]", lines);
        Assert.Equal("EngineFailed", JsonDocument.Parse(lines[^1]).RootElement.GetProperty("error").GetProperty("reason").GetString());
        Assert.Equal(0, engine.Running);
    }

    [Fact]
    public async Task A_failure_before_the_first_token_is_retryable()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "hello");
        await using var owned = server;
        engine.BeforeToken = (_, _, _) => throw new GenerationFailedException("the device is gone", retryable: true);
        var (status, _, response) = await server.PostAsync(Path, """{"model":"tiny","prompt":"x","stream":true}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("EngineFailed", response.Headers.GetValues(HeaderNames.Reason).Single());
    }

    [Fact]
    public async Task A_defect_is_a_500_that_says_nothing_about_the_request()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => throw new InvalidOperationException("secret"));
        await using var owned = server;
        var (status, body, _) = await server.PostAsync(Path, """{"model":"tiny","prompt":"x"}""");
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.DoesNotContain("secret", body.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, engine.Running);
    }
}
