using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Tokenization.Tests.Golden;

namespace AttentionOperator.Tokenization.Tests.Properties;

/// <summary>Decoders written down once more, on whole lists of tokens, to check the streaming ones.</summary>
internal static class ReferenceDecoder
{
    public static string Decode(string name, ITokenizer tokenizer, int[] ids, bool skipSpecialTokens)
    {
        var directory = GoldenFixture.Get(name).Directory;
        var file = JsonNode.Parse(File.ReadAllBytes(Path.Combine(directory, "tokenizer.json")))!;
        var config = JsonNode.Parse(File.ReadAllBytes(Path.Combine(directory, "tokenizer_config.json")))!;
        var tokens = ids.Where(id => tokenizer.TokenOf(id) is not null && !(skipSpecialTokens && tokenizer.IsSpecial(id))).Select(id => tokenizer.TokenOf(id)!).ToList();
        var text = string.Concat(Apply(file["decoder"]!.AsObject(), tokens));
        var isWordPiece = file["model"]!["type"]!.GetValue<string>() == "WordPiece";
        if (!isWordPiece || config["clean_up_tokenization_spaces"]?.GetValue<bool>() != true)
            return text;
        return text.Replace(" .", ".").Replace(" ?", "?").Replace(" !", "!").Replace(" ,", ",").Replace(" ' ", "'").Replace(" n't", "n't")
            .Replace(" 'm", "'m").Replace(" 's", "'s").Replace(" 've", "'ve").Replace(" 're", "'re");
    }

    private static List<string> Apply(JsonObject decoder, List<string> tokens)
    {
        switch (decoder["type"]!.GetValue<string>())
        {
            case "Sequence":
                return decoder["decoders"]!.AsArray().Aggregate(tokens, (list, step) => Apply(step!.AsObject(), list));
            case "Replace":
                return [.. tokens.Select(t => t.Replace(decoder["pattern"]!["String"]!.GetValue<string>(), decoder["content"]!.GetValue<string>()))];
            case "Fuse":
                return [string.Concat(tokens)];
            case "Strip":
                return [.. tokens.Select(t => t.StartsWith(' ') ? t[1..] : t)];
            case "Metaspace":
                return [.. tokens.Select((t, i) => t.Replace("▁", i == 0 ? "" : " "))];
            case "WordPiece":
                return [.. tokens.Select((t, i) => CleanUp(i == 0 ? t : t.StartsWith("##", StringComparison.Ordinal) ? t[2..] : " " + t))];
            case "ByteFallback":
                return Bytes(tokens);
            case "ByteLevel":
                return [Encoding.UTF8.GetString([.. tokens.SelectMany(ByteLevel)])];
            case var other:
                throw new NotSupportedException(other);
        }
    }

    private static byte[] ByteLevel(string token)
    {
        var bytes = new List<byte>();
        foreach (var c in token)
        {
            if (c is (>= '!' and <= '~') or (>= '¡' and <= '¬') or (>= '®' and <= 'ÿ'))
                bytes.Add((byte)c);
            else if (c is >= '\u0100' and <= '\u0120')
                bytes.Add((byte)(c - 0x100));
            else if (c is >= '\u0121' and <= '\u0142')
                bytes.Add((byte)(c - 0x121 + 0x7F));
            else if (c == '\u0143')
                bytes.Add(0xAD);
            else
                return Encoding.UTF8.GetBytes(token);
        }
        return [.. bytes];
    }

    private static List<string> Bytes(List<string> tokens)
    {
        var result = new List<string>();
        var run = new List<byte>();
        foreach (var token in tokens)
        {
            if (token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal))
            {
                run.Add(Convert.ToByte(token[3..5], 16));
                continue;
            }
            Flush();
            result.Add(token);
        }
        Flush();
        return result;

        void Flush()
        {
            try
            {
                result.Add(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. run]));
            }
            catch (ArgumentException)
            {
                result.AddRange(run.Select(_ => "\uFFFD"));
            }
            run.Clear();
        }
    }

    private static string CleanUp(string text) => text.Replace(" .", ".").Replace(" ?", "?").Replace(" !", "!").Replace(" ,", ",").Replace(" ' ", "'")
        .Replace(" n't", "n't").Replace(" 'm", "'m").Replace(" do not", " don't").Replace(" 's", "'s").Replace(" 've", "'ve").Replace(" 're", "'re");
}
