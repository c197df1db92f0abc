using System.Net;
using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Runtime.Serving;
using AttentionOperator.Runtime.Tests.Fakes;
using CsCheck;

namespace AttentionOperator.Runtime.Tests;

public sealed class TokenCapTests
{
    private const string Path = "/v1/completions";

    private static Func<RuntimeConfiguration, RuntimeConfiguration> Policy(TooLongPolicy policy) => c => c with { Limits = c.Limits with { OnTooLong = policy } };

    [Fact]
    public async Task Too_long_input_is_refused_with_both_numbers()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "x", maxInput: 10);
        await using var owned = server;
        var (status, body, response) = await server.PostAsync(Path, """{"model":"tiny","prompt":[1,2,3,4,5,6,7,8,9,10,11]}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        var error = body.GetProperty("error");
        Assert.Equal("The input has 11 tokens; this model takes at most 10. Shorten the input.", error.GetProperty("message").GetString());
        Assert.Equal("context_length_exceeded", error.GetProperty("code").GetString());
        Assert.Equal("prompt", error.GetProperty("param").GetString());
        Assert.Equal("TooLong", response.Headers.GetValues(HeaderNames.Reason).Single());
        Assert.Empty(engine.Requests);
    }

    [Fact]
    public async Task What_is_surely_too_long_is_refused_without_tokenizing()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x", maxInput: 10);
        await using var owned = server;
        var encoded = 0;
        server.Tokenizer.OnEncode = _ => Interlocked.Increment(ref encoded);
        var (status, body, _) = await server.PostAsync(Path, $$"""{"model":"tiny","prompt":"{{new string('a', 500)}}"}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        // Special tokens are longest here, "</s>" with 4 bytes.
        Assert.Contains("at least 125 tokens", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, encoded);
    }

    [Fact]
    public async Task Input_and_output_together_are_bounded_by_the_positions()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x", positions: 20);
        await using var owned = server;
        var (status, body, _) = await server.PostAsync(Path, """{"model":"tiny","prompt":"abcd","max_tokens":16}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        var message = body.GetProperty("error").GetProperty("message").GetString()!;
        Assert.Contains("5 tokens", message, StringComparison.Ordinal);
        Assert.Contains("'max_tokens' is 16", message, StringComparison.Ordinal);
        Assert.Contains("20 positions", message, StringComparison.Ordinal);
        // The endpoint's own default is no wish of the client: it is cut to what is left.
        Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(Path, """{"model":"tiny","prompt":"abcdefgh"}""")).Status);
    }

    [Fact]
    public async Task The_output_cap_is_named()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "x", maxOutput: 8);
        await using var owned = server;
        var (status, body, _) = await server.PostAsync(Path, """{"model":"tiny","prompt":"a","max_tokens":9}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("'max_tokens' is 9; this model gives at most 8 output tokens.", body.GetProperty("error").GetProperty("message").GetString());
        await server.PostAsync("/v1/chat/completions", """{"model":"tiny","messages":[{"role":"user","content":"a"}]}""");
        Assert.Equal(8, engine.Requests.Single().MaxTokens);
    }

    [Theory]
    [InlineData(TooLongPolicy.TruncateEnd, "abcd", "end; original=11; kept=5")]
    [InlineData(TooLongPolicy.TruncateStart, "ghij", "start; original=11; kept=5")]
    public async Task Truncation_keeps_special_tokens_and_says_so(TooLongPolicy policy, string kept, string header)
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "x", Policy(policy), maxInput: 5);
        await using var owned = server;
        var (status, body, response) = await server.PostAsync(Path, """{"model":"tiny","prompt":"abcdefghij"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal([ByteTokenizer.Begin, .. kept.Select(c => (int)c)], engine.Requests.Single().PromptIds);
        Assert.Equal(header, response.Headers.GetValues(HeaderNames.Truncated).Single());
        var said = body.GetProperty("attention_truncated");
        Assert.Equal(policy.ToString(), said.GetProperty("policy").GetString());
        Assert.Equal(11, said.GetProperty("original_tokens").GetInt32());
        Assert.Equal(5, said.GetProperty("kept_tokens").GetInt32());
    }

    [Fact]
    public async Task A_long_document_is_answered_in_parts_and_the_parts_are_answered_together()
    {
        // Each part is answered by its first letter, so the last prompt is made of the parts' letters.
        var (server, engine) = await TestServer.GenerateAsync(
            r => r.Id.Contains("part", StringComparison.Ordinal) ? new string((char)r.PromptIds[1], 2) : "final", Policy(TooLongPolicy.Chunk), maxInput: 49);
        await using var owned = server;
        var document = string.Concat(Enumerable.Range(0, 10).Select(i => new string((char)('a' + i), 10)));
        var (status, body, response) = await server.PostAsync(Path, $$"""{"model":"tiny","prompt":"{{document}}","max_tokens":20}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("final", body.GetProperty("choices")[0].GetProperty("text").GetString());
        // Chunks of 49 - 1 (begin) - 8 = 40 characters, 5 shared: at 0, 35 and 60.
        Assert.Equal("chunk; original=101; chunks=3; chunk-size=40", response.Headers.GetValues(HeaderNames.Truncated).Single());
        var last = engine.Requests.Single(r => !r.Id.Contains("part", StringComparison.Ordinal));
        Assert.Equal("aa\n\ndd\n\ngg", server.Tokenizer.Decode(last.PromptIds.AsSpan(1)));
        // Everything that was computed is accounted for: three parts and the last prompt.
        Assert.Equal((3 * 41) + 11, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task A_long_message_is_chunked_and_the_others_stay()
    {
        var (server, engine) = await TestServer.GenerateAsync(r => r.Id.Contains("part", StringComparison.Ordinal) ? "p" : "final", Policy(TooLongPolicy.Chunk), maxInput: 100);
        await using var owned = server;
        var (_, body, _) = await server.PostAsync("/v1/chat/completions", $$"""
            {"model":"tiny","max_tokens":20,"messages":[{"role":"system","content":"Sum up."},{"role":"user","content":"{{new string('z', 300)}}"}]}
            """);
        Assert.Equal("final", body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("Chunk", body.GetProperty("attention_truncated").GetProperty("policy").GetString());
        Assert.True(engine.Requests.Count > 3);
        Assert.All(engine.Requests, r => Assert.StartsWith("system: Sum up.\nuser: ", server.Tokenizer.Decode(r.PromptIds), StringComparison.Ordinal));
        Assert.All(engine.Requests, r => Assert.InRange(r.PromptIds.Length, 1, 100));
    }

    [Fact]
    public async Task A_long_text_is_embedded_in_overlapping_chunks_and_pooled()
    {
        var (server, engine) = await TestServer.EncodeAsync(ModelTask.Embed, configure: Policy(TooLongPolicy.Chunk), maxInput: 17);
        await using var owned = server;
        var (status, body, response) = await server.PostAsync("/v1/embeddings", """{"model":"tiny","input":"abcdefghijklmnopqrstuvwxyz"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("chunk; original=27; chunks=2; chunk-size=17", response.Headers.GetValues(HeaderNames.Truncated).Single());
        var chunks = engine.Requests.Select(r => r.TokenIds).OrderBy(t => t[1]).ToList();
        Assert.Equal("abcdefghijklmnop", server.Tokenizer.Decode(chunks[0].AsSpan(1)));
        Assert.Equal("klmnopqrstuvwxyz", server.Tokenizer.Decode(chunks[1].AsSpan(1)));
        var expected = Vectors.Pool([HashEncoder.VectorOf(chunks[0], 16), HashEncoder.VectorOf(chunks[1], 16)], [16, 16]);
        var actual = body.GetProperty("data")[0].GetProperty("embedding").EnumerateArray().Select(x => x.GetSingle()).ToArray();
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.Equal(1, Math.Sqrt(actual.Sum(x => (double)x * x)), 1e-5);
    }

    [Fact]
    public void Chunks_cover_everything_and_overlap() => Gen.Select(Gen.Int[1, 5000], Gen.Int[1, 600], Gen.Int[0, 300]).Sample((length, size, overlap) =>
    {
        var chunks = TokenCaps.Chunks(length, size, Math.Min(overlap, size - 1));
        var next = 0;
        foreach (var (start, part) in chunks)
        {
            if (start > next || part < 1 || part > size || start + part > length) return false;
            next = Math.Max(next, start + part);
        }

        return next == length;
    });

    [Fact]
    public void Truncation_never_exceeds_the_cap() => Gen.Select(Gen.Int[1, 200], Gen.Int[1, 50], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Bool).Sample((length, cap, prefix, suffix, end) =>
    {
        if (length <= prefix + suffix || cap <= prefix + suffix) return true;
        var ids = Enumerable.Range(0, length).ToArray();
        var fitted = TokenCaps.Fit(ids, cap, end ? TooLongPolicy.TruncateEnd : TooLongPolicy.TruncateStart, prefix, suffix, "prompt")!.Ids;
        return fitted.Length == Math.Min(length, cap) && fitted.Take(prefix).SequenceEqual(ids.Take(prefix)) && fitted.TakeLast(suffix).SequenceEqual(ids.TakeLast(suffix));
    });
}
