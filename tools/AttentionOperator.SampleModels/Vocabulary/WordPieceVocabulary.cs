using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using static AttentionOperator.SampleModels.Vocabulary.ByteLevelVocabulary;

namespace AttentionOperator.SampleModels.Vocabulary;

/// <summary>Trains an uncased WordPiece vocabulary (pieces found by pair merging) and writes it as <c>tokenizer.json</c>.</summary>
internal static partial class WordPieceVocabulary
{
    private const string Prefix = "##";
    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    [GeneratedRegex(@"[\p{L}\p{N}]+|[^\s\p{L}\p{N}]")]
    private static partial Regex Words();

    public static JsonObject Train(IEnumerable<string> texts, int size)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            foreach (Match match in Words().Matches(text.ToLowerInvariant()))
                counts[match.Value] = counts.GetValueOrDefault(match.Value) + 1;
        }

        var words = counts.Select(w => (w.Key.Select((c, i) => i == 0 ? c.ToString() : Prefix + c).ToList(), w.Value)).ToList();
        var pieces = new SortedSet<string>(words.SelectMany(w => w.Item1), StringComparer.Ordinal).ToList();
        var merges = new PairMerger(words).Run(size - Special.Length - pieces.Count, Join);
        var vocabulary = new JsonObject();
        foreach (var piece in Special.Concat(pieces).Concat(merges.Select(m => Join(m.Left, m.Right)))) vocabulary.TryAdd(piece, vocabulary.Count);
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray(Special.Select((s, i) => (JsonNode)AddedToken(i, s)).ToArray()),
            ["normalizer"] = new JsonObject { ["type"] = "BertNormalizer", ["clean_text"] = true, ["handle_chinese_chars"] = true, ["strip_accents"] = null, ["lowercase"] = true },
            ["pre_tokenizer"] = new JsonObject { ["type"] = "BertPreTokenizer" },
            ["post_processor"] = new JsonObject
            {
                ["type"] = "TemplateProcessing",
                ["single"] = new JsonArray(ByteLevelVocabulary.Special("[CLS]"), Sequence("A"), ByteLevelVocabulary.Special("[SEP]")),
                ["pair"] = new JsonArray(ByteLevelVocabulary.Special("[CLS]"), Sequence("A"), ByteLevelVocabulary.Special("[SEP]"), Sequence("B", 1), ByteLevelVocabulary.Special("[SEP]", 1)),
                ["special_tokens"] = new JsonObject
                {
                    ["[CLS]"] = new JsonObject { ["id"] = "[CLS]", ["ids"] = new JsonArray(2), ["tokens"] = new JsonArray("[CLS]") },
                    ["[SEP]"] = new JsonObject { ["id"] = "[SEP]", ["ids"] = new JsonArray(3), ["tokens"] = new JsonArray("[SEP]") },
                },
            },
            ["decoder"] = new JsonObject { ["type"] = "WordPiece", ["prefix"] = Prefix, ["cleanup"] = true },
            ["model"] = new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = "[UNK]",
                ["continuing_subword_prefix"] = Prefix,
                ["max_input_chars_per_word"] = 100,
                ["vocab"] = vocabulary,
            },
        };
    }

    private static string Join(string left, string right) => left + right[Prefix.Length..];
}
