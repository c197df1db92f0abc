using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Tokenization;
using AttentionOperator.Tokenization.ChatTemplates;

namespace AttentionOperator.Fidelity;

/// <summary>The README's demands on tokenizers and chat templates.</summary>
internal static class TokenizerChecks
{
    public static void Run(FixtureReport report, LoadedTokenizer loaded, JsonElement golden)
    {
        if (golden.Find("tokenizer") is { } expected)
            Tokenizer(report, loaded.Tokenizer, expected);
        foreach (var greedy in golden.Items("greedy"))
        {
            var ids = greedy.Ints("new_ids");
            var where = $"greedy {greedy.Text("name")}";
            if (greedy.Find("text") is { } text)
                report.Same("text", loaded.Tokenizer.Decode(ids), text.GetString(), where);
            if (greedy.Find("text_skip_special") is { } skipped)
                report.Same("text", loaded.Tokenizer.Decode(ids, skipSpecialTokens: true), skipped.GetString(), where);
        }

        foreach (var chat in golden.Items("chat"))
            Chat(report, loaded, chat);
    }

    private static void Tokenizer(FixtureReport report, ITokenizer tokenizer, JsonElement expected)
    {
        report.Same("vocabulary", tokenizer.VocabularySize, expected.GetProperty("vocab_size").GetInt32(), "tokenizer");
        foreach (var special in expected.Find("special_ids")?.EnumerateObject() ?? default)
            report.Same("special ids", tokenizer.SpecialTokens.TryGetValue(special.Name, out var id) ? id : -1, special.Value.GetInt32(), special.Name);
        foreach (var test in expected.Items("cases"))
        {
            var (name, text, ids) = (test.Text("name"), test.Text("text"), test.Ints("ids"));
            report.SameList("ids", tokenizer.Encode(text).Ids, ids, name);
            report.SameList("ids", tokenizer.Encode(text, addSpecialTokens: false).Ids, test.Ints("ids_no_special"), name);
            report.Same("ids", tokenizer.Count(text), ids.Length, name);
            report.SameList("tokens", [.. ids.Select(i => tokenizer.TokenOf(i))], test.GetProperty("tokens").EnumerateArray().Select(t => t.GetString()).ToArray(), name);
            report.Same("text", tokenizer.Decode(ids), test.Text("decoded"), name);
            report.Same("text", tokenizer.Decode(ids, skipSpecialTokens: true), test.Text("decoded_skip_special"), name);
        }

        if (expected.Find("stream") is { } stream)
            Stream(report, tokenizer, stream);
        foreach (var (pair, index) in expected.Items("pairs").Select((p, i) => (p, i)))
        {
            var encoded = tokenizer.EncodePair(pair.Text("a"), pair.Text("b"));
            report.SameList("pairs", encoded.Ids, pair.Ints("ids"), $"pair {index}");
            report.SameList("pairs", encoded.TypeIds, pair.Ints("token_type_ids"), $"pair {index}");
        }
    }

    private static void Stream(FixtureReport report, ITokenizer tokenizer, JsonElement stream)
    {
        var ids = stream.Ints("ids");
        var each = stream.GetProperty("decode_each").EnumerateArray().Select(t => t.GetString()!).ToArray();
        var prefixes = stream.GetProperty("decode_prefix").EnumerateArray().Select(t => t.GetString()!).ToArray();
        var decoder = tokenizer.CreateStreamDecoder(skipSpecialTokens: false);
        var streamed = "";
        for (var i = 0; i < ids.Length; i++)
        {
            report.Same("stream", tokenizer.Decode([ids[i]]), each[i], $"decode_each[{i}]");
            report.Same("stream", tokenizer.Decode(ids.AsSpan(0, i + 1)), prefixes[i], $"decode_prefix[{i}]");
            streamed += decoder.Push(ids[i]);
        }

        report.Same("stream", streamed + decoder.Flush(), prefixes[^1], "stream");
    }

    private static void Chat(FixtureReport report, LoadedTokenizer loaded, JsonElement chat)
    {
        var where = $"chat {chat.Text("name")}";
        if (loaded.ChatTemplate is not { } template)
        {
            report.Fail($"{where}: no usable chat template: {loaded.ChatTemplateError?.Message ?? "the directory has none"}");
            return;
        }

        var refuses = chat.Find("error") is not null;
        try
        {
            var rendered = template.Render(
                Node(chat, "messages")!.AsArray(), chat.GetProperty("add_generation_prompt").GetBoolean(), Node(chat, "tools")?.AsArray(), Node(chat, "extra_variables")?.AsObject());
            report.Same("chat", refuses ? null : rendered, refuses ? chat.Text("error") : chat.Text("rendered"), where);
            if (!refuses)
                report.SameList("chat", loaded.Tokenizer.Encode(rendered, addSpecialTokens: false).Ids, chat.Ints("ids"), where);
        }
        catch (ChatTemplateException error) when (refuses)
        {
            report.Same("chat", error.IsRaisedByTemplate, true, $"{where}: {error.Message}");
        }
    }

    private static JsonNode? Node(JsonElement element, string name) => element.Find(name) is { } value ? JsonNode.Parse(value.GetRawText()) : null;
}
