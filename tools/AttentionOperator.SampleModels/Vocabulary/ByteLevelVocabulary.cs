using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AttentionOperator.SampleModels.Vocabulary;

/// <summary>Trains a byte-level BPE vocabulary and writes it as <c>tokenizer.json</c>.</summary>
internal static partial class ByteLevelVocabulary
{
    public const string EndOfText = "<|endoftext|>";

    /// <summary>GPT-2's split pattern, which the ByteLevel pre-tokenizer of tokenizer.json stands for.</summary>
    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Words();

    /// <summary>Token ids: 0 is the end-of-text token, then the 256 bytes, then merges in order.</summary>
    public static JsonObject Train(IEnumerable<string> texts, int size)
    {
        var alphabet = Alphabet();
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            foreach (var match in Words().EnumerateMatches(text))
            {
                var word = text.Substring(match.Index, match.Length);
                counts[word] = counts.GetValueOrDefault(word) + 1;
            }
        }

        var words = counts.Select(w => (Encoding.UTF8.GetBytes(w.Key).Select(b => alphabet[b].ToString()).ToList(), w.Value));
        var merges = new PairMerger(words).Run(size - 257, string.Concat);
        var vocabulary = new JsonObject { [EndOfText] = 0 };
        foreach (var symbol in alphabet.Order()) vocabulary[symbol.ToString()] = vocabulary.Count;
        foreach (var (left, right) in merges) vocabulary.TryAdd(left + right, vocabulary.Count);
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray(AddedToken(0, EndOfText)),
            ["normalizer"] = null,
            ["pre_tokenizer"] = ByteLevel(),
            ["post_processor"] = new JsonObject
            {
                ["type"] = "TemplateProcessing",
                ["single"] = new JsonArray(Special(EndOfText), Sequence("A")),
                ["pair"] = new JsonArray(Special(EndOfText), Sequence("A"), Special(EndOfText), Sequence("B")),
                ["special_tokens"] = new JsonObject
                {
                    [EndOfText] = new JsonObject { ["id"] = EndOfText, ["ids"] = new JsonArray(0), ["tokens"] = new JsonArray(EndOfText) },
                },
            },
            ["decoder"] = ByteLevel(),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = false,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray(merges.Select(m => (JsonNode)new JsonArray(m.Left, m.Right)).ToArray()),
            },
        };
    }

    internal static JsonObject AddedToken(int id, string content) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };

    internal static JsonObject Special(string token, int type = 0) => new() { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = type } };

    internal static JsonObject Sequence(string id, int type = 0) => new() { ["Sequence"] = new JsonObject { ["id"] = id, ["type_id"] = type } };

    private static JsonObject ByteLevel() => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = false,
        ["trim_offsets"] = true,
        ["use_regex"] = true,
    };

    /// <summary>GPT-2's printable stand-ins for the 256 bytes.</summary>
    private static char[] Alphabet()
    {
        var alphabet = new char[256];
        var next = 256;
        for (var b = 0; b < 256; b++)
        {
            var printable = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
            alphabet[b] = printable ? (char)b : (char)next++;
        }

        return alphabet;
    }
}
