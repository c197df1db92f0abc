using System.Net;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.Tests.Fakes;

namespace AttentionOperator.Runtime.Tests;

public sealed class EncoderTests
{
    [Theory]
    [InlineData("\"ab\"", 1)]
    [InlineData("[\"ab\",\"cd\",\"ef\"]", 3)]
    [InlineData("[97,98]", 1)]
    [InlineData("[[97,98],[99]]", 2)]
    public async Task Embeds_strings_and_token_arrays_in_order(string input, int count)
    {
        var (server, engine) = await TestServer.EncodeAsync(ModelTask.Embed);
        await using var owned = server;
        var (status, body, _) = await server.PostAsync("/v1/embeddings", $$"""{"model":"tiny","input":{{input}}}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(count, body.GetProperty("data").GetArrayLength());
        Assert.Equal(engine.Requests.Sum(r => r.TokenIds.Length), body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        var requests = engine.Requests.ToDictionary(r => r.Id[(r.Id.LastIndexOf('-') + 1)..]);
        for (var i = 0; i < count; i++)
        {
            var item = body.GetProperty("data")[i];
            Assert.Equal(i, item.GetProperty("index").GetInt32());
            var expected = HashEncoder.VectorOf(requests[$"{i}"].TokenIds, 16);
            Assert.Equal(expected, item.GetProperty("embedding").EnumerateArray().Select(x => x.GetSingle()));
        }
    }

    [Fact]
    public async Task Base64_and_dimensions_agree_with_floats()
    {
        var (server, _) = await TestServer.EncodeAsync(ModelTask.Embed);
        await using var owned = server;
        var (_, floats, _) = await server.PostAsync("/v1/embeddings", """{"model":"tiny","input":"hello","dimensions":5}""");
        var (_, base64, _) = await server.PostAsync("/v1/embeddings", """{"model":"tiny","input":"hello","dimensions":5,"encoding_format":"base64"}""");
        var expected = floats.GetProperty("data")[0].GetProperty("embedding").EnumerateArray().Select(x => x.GetSingle()).ToArray();
        var bytes = base64.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Assert.Equal(5, expected.Length);
        Assert.Equal(expected, Enumerable.Range(0, 5).Select(i => BitConverter.ToSingle(bytes, i * 4)));
        Assert.Equal(1, Math.Sqrt(expected.Sum(x => (double)x * x)), 1e-5);
    }

    [Theory]
    [InlineData("""{"model":"tiny","input":[]}""", 400)]
    [InlineData("""{"model":"tiny","input":"x","dimensions":17}""", 400)]
    [InlineData("""{"model":"tiny","input":"x","encoding_format":"hex"}""", 400)]
    [InlineData("""{"model":"tiny","input":"x","truncate":true}""", 422)]
    [InlineData("""{"model":"tiny","input":[1,"x"]}""", 400)]
    public async Task Refuses_bad_embedding_requests(string json, int expected)
    {
        var (server, engine) = await TestServer.EncodeAsync(ModelTask.Embed);
        await using var owned = server;
        Assert.Equal(expected, (int)(await server.PostAsync("/v1/embeddings", json)).Status);
        Assert.Empty(engine.Requests);
    }

    [Fact]
    public async Task A_refused_sequence_refuses_the_request_and_stops_the_others()
    {
        var (server, engine) = await TestServer.EncodeAsync(ModelTask.Embed);
        await using var owned = server;
        engine.Before = (r, cancel) => r.TokenIds[1] == 'b' ? throw new RequestRefusedException(RefusalReason.QueueFull, "full", TimeSpan.FromSeconds(3)) : Task.Delay(Timeout.Infinite, cancel);
        var (status, _, response) = await server.PostAsync("/v1/embeddings", """{"model":"tiny","input":["a","b","c"]}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("QueueFull", response.Headers.GetValues(HeaderNames.Reason).Single());
        Assert.Equal(0, engine.Running);
    }

    [Fact]
    public async Task Reranks_by_score_and_returns_the_best()
    {
        // The score is the number of times that the query's letter is in the document.
        var (server, engine) = await TestServer.EncodeAsync(ModelTask.Rerank, vector: r => [r.TokenIds.Count(t => t == 'x') - 2f]);
        await using var owned = server;
        var (status, body, _) = await server.PostAsync("/v1/rerank", """
            {"model":"tiny","query":"x","documents":["none",{"text":"xxx"},"x one"],"top_n":2,"return_documents":true}
            """);
        Assert.Equal(HttpStatusCode.OK, status);
        var results = body.GetProperty("results");
        Assert.Equal([1, 2], results.EnumerateArray().Select(r => r.GetProperty("index").GetInt32()));
        Assert.Equal("xxx", results[0].GetProperty("document").GetProperty("text").GetString());
        Assert.Equal(1 / (1 + Math.Exp(-2)), results[0].GetProperty("relevance_score").GetDouble(), 1e-6);
        Assert.Contains(engine.Requests, r => r.TypeIds.Contains(1));
    }

    [Fact]
    public async Task A_long_document_is_truncated_and_its_query_is_not()
    {
        var (server, engine) = await TestServer.EncodeAsync(
            ModelTask.Rerank, vector: _ => [0], configure: c => c with { Limits = c.Limits with { OnTooLong = TooLongPolicy.TruncateEnd } }, maxInput: 10);
        await using var owned = server;
        var (status, _, response) = await server.PostAsync("/v1/rerank", """{"model":"tiny","query":"qqq","documents":["abcdefghijklmnop"]}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("<s>qqq</s>abcde", server.Tokenizer.Decode(engine.Requests.Single().TokenIds));
        Assert.Equal("end; original=21; kept=10", response.Headers.GetValues(HeaderNames.Truncated).Single());
    }

    [Fact]
    public async Task Classifies_with_names_and_probabilities()
    {
        var (server, _) = await TestServer.EncodeAsync(ModelTask.Classify, vector: _ => [0, MathF.Log(3), 0], labels: ["no", "yes", "maybe"]);
        await using var owned = server;
        var (_, body, _) = await server.PostAsync("/v1/classify", """{"model":"tiny","input":["a","b"]}""");
        var first = body.GetProperty("data")[0];
        Assert.Equal("yes", first.GetProperty("label").GetString());
        Assert.Equal([0.2, 0.6, 0.2], first.GetProperty("probs").EnumerateArray().Select(p => Math.Round(p.GetDouble(), 5)));
        Assert.Equal(2, body.GetProperty("data").GetArrayLength());
    }

    [Theory]
    [InlineData(ModelTask.Embed, "/v1/completions")]
    [InlineData(ModelTask.Embed, "/v1/rerank")]
    [InlineData(ModelTask.Rerank, "/v1/embeddings")]
    [InlineData(ModelTask.Classify, "/v1/chat/completions/render")]
    public async Task Other_tasks_endpoints_are_404_and_say_the_task(ModelTask task, string path)
    {
        var (server, _) = await TestServer.EncodeAsync(task);
        await using var owned = server;
        var (status, body, _) = await server.PostAsync(path, """{"model":"tiny"}""");
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains(task.ToString(), body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }
}
