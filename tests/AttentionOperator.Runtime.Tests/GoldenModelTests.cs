using System.Net;
using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Runtime.Tests;

/// <summary>The reference's numbers come out of the API.</summary>
public sealed class GoldenModelTests
{
    private static readonly (string, string) Internal = (HeaderNames.ContinuationToken, TestServer.InternalToken);

    [Theory]
    [InlineData("llama-untied", ModelTask.Generate)]
    [InlineData("llama2-spm-f16", ModelTask.Generate)]
    [InlineData("qwen3-sharded", ModelTask.Generate)]
    [InlineData("gpt2", ModelTask.Generate)]
    [InlineData("t5", ModelTask.Seq2Seq)]
    public async Task Greedy_completions_are_the_references(string fixture, ModelTask task)
    {
        await using var server = await GoldenServer.OpenAsync(fixture, task);
        foreach (var expected in GoldenServer.Golden(fixture).GetProperty("greedy").EnumerateArray())
        {
            var prompt = expected.GetProperty(task == ModelTask.Seq2Seq ? "input_ids" : "prompt_ids").GetRawText();
            var body = $$"""{"model":"tiny","prompt":{{prompt}},"max_tokens":32,"temperature":0,"ignore_eos":true,"logprobs":0""";
            var lines = await server.StreamAsync("/v1/completions", body + ""","stream":true}""", Internal);
            Assert.Equal("[DONE]", lines[^1]);
            var choices = lines[..^1].Select(l => JsonDocument.Parse(l).RootElement.GetProperty("choices")[0]).ToList();
            Assert.Equal(GoldenServer.Ints(expected.GetProperty("new_ids")), choices.SelectMany(c => GoldenServer.Ints(c.GetProperty("token_ids"))));
            var logProbs = choices.SelectMany(c => c.GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray()).Select(p => p.GetDouble());
            Assert.All(logProbs.Zip(expected.GetProperty("logprobs").EnumerateArray()), pair => Assert.Equal(pair.Second.GetDouble(), pair.First, 1e-4));
            var text = string.Concat(choices.Select(c => c.GetProperty("text").GetString()));
            var reference = expected.TryGetProperty("text_skip_special", out var skipped) ? skipped : expected.GetProperty("text");
            if (task == ModelTask.Generate) Assert.Equal(reference.GetString(), text);
            var (_, whole, _) = await server.PostAsync("/v1/completions", body + "}");
            Assert.Equal(text, whole.GetProperty("choices")[0].GetProperty("text").GetString());
        }

        Assert.Equal((0, 0), (server.Server.Gate.Model!.Statistics.Running, server.Server.Gate.Model.Statistics.BlocksUsed));
    }

    [Theory]
    [InlineData("llama-tied")]
    [InlineData("qwen2")]
    [InlineData("qwen3-sharded")]
    public async Task Conversations_are_rendered_as_the_references(string fixture)
    {
        await using var server = await GoldenServer.OpenAsync(fixture, ModelTask.Generate);
        var cases = 0;
        foreach (var expected in GoldenServer.Golden(fixture).GetProperty("chat").EnumerateArray())
        {
            var tools = expected.TryGetProperty("tools", out var t) && t.ValueKind == JsonValueKind.Array ? $",\"tools\":{t.GetRawText()}" : "";
            var extra = expected.TryGetProperty("extra_variables", out var v) && v.ValueKind == JsonValueKind.Object ? $",\"chat_template_kwargs\":{v.GetRawText()}" : "";
            var (status, body, _) = await server.PostAsync("/tokenize", $$"""
                {"messages":{{expected.GetProperty("messages").GetRawText()}},"add_generation_prompt":{{expected.GetProperty("add_generation_prompt").GetRawText()}}{{tools}}{{extra}}}
                """);
            if (expected.TryGetProperty("error", out _))
            {
                Assert.Equal(HttpStatusCode.BadRequest, status);
                continue;
            }

            Assert.True(status == HttpStatusCode.OK, body.ToString());
            Assert.Equal(GoldenServer.Ints(expected.GetProperty("ids")), GoldenServer.Ints(body.GetProperty("tokens")));
            cases++;
        }

        Assert.True(cases > 0);
        var (chat, answer, _) = await server.PostAsync("/v1/chat/completions", """{"model":"tiny","messages":[{"role":"user","content":"Hello"}],"max_tokens":5,"temperature":0}""");
        Assert.Equal(HttpStatusCode.OK, chat);
        Assert.InRange(answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32(), 1, 5);
    }

    [Fact]
    public async Task Embeddings_are_the_references()
    {
        await using var server = await GoldenServer.OpenAsync("bert-mean", ModelTask.Embed);
        var golden = GoldenServer.Golden("bert-mean");
        var cases = golden.GetProperty("forward").EnumerateArray().ToList();
        var input = string.Join(',', cases.Select(c => c.GetProperty("input_ids").GetRawText()));
        var (status, body, _) = await server.PostAsync("/v1/embeddings", $$"""{"model":"tiny","input":[{{input}}]}""");
        Assert.Equal(HttpStatusCode.OK, status);
        for (var i = 0; i < cases.Count; i++)
        {
            var actual = GoldenServer.Floats(body.GetProperty("data")[i].GetProperty("embedding"));
            var normalised = Math.Abs(actual.Sum(x => (double)x * x) - 1) < 1e-3;
            var expected = GoldenServer.Floats(cases[i].GetProperty(normalised ? "mean_pool_normalized" : "mean_pool"));
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        }
    }

    [Fact]
    public async Task Classes_are_the_references()
    {
        await using var server = await GoldenServer.OpenAsync("bert-seqcls", ModelTask.Classify);
        foreach (var expected in GoldenServer.Golden("bert-seqcls").GetProperty("forward").EnumerateArray())
        {
            var (_, body, _) = await server.PostAsync("/v1/classify", $$"""{"model":"tiny","input":[{{expected.GetProperty("input_ids").GetRawText()}}]}""");
            var logits = GoldenServer.Floats(expected.GetProperty("logits"));
            var first = body.GetProperty("data")[0];
            Assert.All(logits.Zip(GoldenServer.Floats(first.GetProperty("logits"))), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
            Assert.Equal(new[] { "negative", "neutral", "positive" }[Array.IndexOf(logits, logits.Max())], first.GetProperty("label").GetString());
        }
    }

    [Fact]
    public async Task Scores_of_pairs_are_the_references()
    {
        await using var server = await GoldenServer.OpenAsync("xlm-roberta-rerank", ModelTask.Rerank);
        foreach (var expected in GoldenServer.Golden("xlm-roberta-rerank").GetProperty("pairs").EnumerateArray())
        {
            var pair = GoldenServer.Golden("xlm-roberta-rerank").GetProperty("tokenizer").GetProperty("pairs").EnumerateArray()
                .First(p => p.GetProperty("ids").GetRawText() == expected.GetProperty("input_ids").GetRawText());
            var (status, body, _) = await server.PostAsync("/v1/rerank", $$"""
                {"model":"tiny","query":{{pair.GetProperty("a").GetRawText()}},"documents":[{{pair.GetProperty("b").GetRawText()}}],"raw_scores":true}
                """);
            Assert.True(status == HttpStatusCode.OK, body.ToString());
            Assert.Equal(GoldenServer.Floats(expected.GetProperty("logits"))[0], body.GetProperty("results")[0].GetProperty("relevance_score").GetSingle(), 1e-4f);
        }
    }

    [Fact]
    public async Task A_sampled_answer_goes_on_in_another_server_as_if_nothing_had_happened()
    {
        await using var first = await GoldenServer.OpenAsync("llama-untied", ModelTask.Generate);
        await using var second = await GoldenServer.OpenAsync("llama-untied", ModelTask.Generate);
        var body = """{"model":"tiny","prompt":"Once upon a time","max_tokens":40,"seed":7,"temperature":1,"ignore_eos":true,"stop":["zzzz"],"stream":true""";
        var chunks = Chunks(await first.StreamAsync("/v1/completions", body + "}", Internal));
        var whole = string.Concat(chunks.Select(c => c.Text));
        for (var cut = 0; cut < chunks.Count; cut += 3)
        {
            var ids = string.Join(',', chunks.Take(cut).SelectMany(c => c.Ids));
            var rest = Chunks(await second.StreamAsync("/v1/completions", body + $$$""","attention_continuation":{"token_ids":[{{{ids}}}]}}""", Internal));
            Assert.Equal(whole, string.Concat(chunks.Take(cut).Concat(rest).Select(c => c.Text)));
        }

        static List<(string Text, int[] Ids)> Chunks(List<string> lines) => [.. lines[..^1].Select(l => JsonDocument.Parse(l).RootElement.GetProperty("choices")[0])
            .Select(c => (c.GetProperty("text").GetString()!, GoldenServer.Ints(c.GetProperty("token_ids"))))];
    }

    [Fact]
    public async Task A_json_schema_is_obeyed()
    {
        await using var server = await GoldenServer.OpenAsync("llama-untied", ModelTask.Generate);
        var (status, body, _) = await server.PostAsync("/v1/completions", """
            {"model":"tiny","prompt":"x","max_tokens":200,"seed":3,"response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"],"additionalProperties":false}}}}
            """);
        // A server that cannot constrain says so; one that can must not be wrong.
        if (status == HttpStatusCode.UnprocessableEntity) return;
        Assert.True(status == HttpStatusCode.OK, body.ToString());
        using var answer = JsonDocument.Parse(body.GetProperty("choices")[0].GetProperty("text").GetString()!);
        Assert.Single(answer.RootElement.EnumerateObject());
        Assert.True(answer.RootElement.GetProperty("a").ValueKind is JsonValueKind.True or JsonValueKind.False);
    }

    [Fact]
    public async Task Clients_that_leave_free_every_block()
    {
        await using var server = await GoldenServer.OpenAsync("llama-untied", ModelTask.Generate);
        var random = new Random(5);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            using var leave = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(1, 200)));
            try
            {
                using var request = TestServer.Request("/v1/completions", """{"model":"tiny","prompt":"Tell me a long story","max_tokens":400,"ignore_eos":true,"n":2,"stream":true}""");
                using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leave.Token);
                await response.Content.ReadAsStringAsync(leave.Token);
            }
            catch (OperationCanceledException)
            {
                // That is what the test is about.
            }
        }));
        var model = server.Server.Gate.Model!;
        await LifecycleTests.UntilAsync(() => server.Server.Gate.Inside == 0 && model.Statistics is { Running: 0, BlocksUsed: 0 } s && s.Waiting.Sum() == 0);
    }
}
