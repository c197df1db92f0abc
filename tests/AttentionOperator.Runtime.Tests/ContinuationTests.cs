using System.Text.Json;
using AttentionOperator.Api.Naming;

namespace AttentionOperator.Runtime.Tests;

/// <summary>The protocol of docs/continuation.md, as a gateway uses it.</summary>
public sealed class ContinuationTests
{
    private const string Text = "Zwölf Boxkämpfer 😀 jagen Viktor quer über den großen Sylter Deich…";
    private static readonly (string, string) Token = (HeaderNames.ContinuationToken, TestServer.InternalToken);

    [Theory]
    [InlineData("/v1/completions", "\"prompt\":\"x\"")]
    [InlineData("/v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]")]
    public async Task An_answer_cut_after_any_chunk_goes_on_without_a_lost_or_repeated_character(string path, string prompt)
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => Text);
        await using var owned = server;
        var body = $$"""{"model":"tiny",{{prompt}},"max_tokens":200,"stream":true,"stream_options":{"include_usage":true}""";
        var whole = await server.StreamAsync(path, body + "}", Token);
        var chunks = Chunks(whole);
        Assert.Equal(Text, string.Concat(chunks.Select(c => c.Text)));
        var id = JsonDocument.Parse(whole[0]).RootElement.GetProperty("id").GetString();
        var total = Usage(whole);
        for (var cut = 0; cut < chunks.Count; cut++)
        {
            var ids = chunks.Take(cut).SelectMany(c => c.Ids).ToList();
            var rest = await server.StreamAsync(path, body + $$$""","attention_continuation":{"id":"{{{id}}}","created":17,"token_ids":[{{{string.Join(',', ids)}}}]}}""", Token);
            Assert.Equal("[DONE]", rest[^1]);
            Assert.Equal(Text, string.Concat(chunks.Take(cut).Concat(Chunks(rest)).Select(c => c.Text)));
            Assert.Equal(total, Usage(rest));
            var first = JsonDocument.Parse(rest[0]).RootElement;
            Assert.Equal(id, first.GetProperty("id").GetString());
            Assert.Equal(17, first.GetProperty("created").GetInt64());
            Assert.False(first.GetProperty("choices")[0].TryGetProperty("delta", out var delta) && delta.TryGetProperty("role", out _));
        }

        Assert.Equal(0, engine.Running);
    }

    [Fact]
    public async Task Without_the_token_no_ids_are_shown_and_none_are_taken()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => Text);
        await using var owned = server;
        var body = """{"model":"tiny","prompt":"x","max_tokens":200,"stream":true""";
        Assert.All(Chunks(await server.StreamAsync("/v1/completions", body + "}", (HeaderNames.ContinuationToken, "wrong"))), c => Assert.Empty(c.Ids));
        var (status, _, _) = await server.PostAsync("/v1/completions", body + ""","attention_continuation":{"token_ids":[65]}}""", (HeaderNames.ContinuationToken, "wrong"));
        Assert.Equal(403, (int)status);
    }

    [Theory]
    [InlineData("\"n\":2")]
    [InlineData("\"echo\":true")]
    public async Task What_cannot_be_continued_says_so(string field)
    {
        var (server, _) = await TestServer.GenerateAsync(_ => Text);
        await using var owned = server;
        var (status, _, _) = await server.PostAsync("/v1/completions", $$$"""{"model":"tiny","prompt":"x",{{{field}}},"attention_continuation":{"token_ids":[65]}}""", Token);
        Assert.Equal(422, (int)status);
    }

    private static int Usage(List<string> lines) =>
        JsonDocument.Parse(lines[^2]).RootElement.GetProperty("usage").GetProperty("completion_tokens").GetInt32();

    private static List<(string Text, int[] Ids)> Chunks(List<string> lines)
    {
        var chunks = new List<(string, int[])>();
        foreach (var line in lines.Where(l => l != "[DONE]"))
        {
            var choices = JsonDocument.Parse(line).RootElement.GetProperty("choices");
            if (choices.GetArrayLength() == 0) continue;
            var choice = choices[0];
            var text = choice.TryGetProperty("delta", out var delta)
                ? delta.TryGetProperty("content", out var content) ? content.GetString() : ""
                : choice.GetProperty("text").GetString();
            chunks.Add((text!, choice.TryGetProperty("token_ids", out var ids) ? [.. ids.EnumerateArray().Select(i => i.GetInt32())] : []));
        }

        return chunks;
    }
}
