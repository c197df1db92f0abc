using System.Text.Json;
using AttentionOperator.Tokenization.Json;

namespace AttentionOperator.Tokenization.Models;

/// <summary>Reads the <c>model</c> section.</summary>
internal static class ModelReader
{
    public static ITokenModel Read(JsonField field)
    {
        var type = field["type"];
        return TypeOf(field) switch
        {
            "BPE" => ReadBpe(field),
            "WordPiece" => ReadWordPiece(field),
            "Unigram" => ReadUnigram(field),
            "WordLevel" => ReadWordLevel(field),
            var other => throw type.Error($"the model '{other}' is not supported"),
        };
    }

    // Files written before the type was stored are told apart by their members.
    private static string TypeOf(JsonField field) =>
        field["type"].AsStringOrNull()
        ?? (!field["merges"].IsNull ? "BPE"
            : field["vocab"].Kind == JsonValueKind.Array ? "Unigram"
            : !field["max_input_chars_per_word"].IsNull ? "WordPiece"
            : throw field.Require("type").Error("is required"));

    private static WordLevelModel ReadWordLevel(JsonField field)
    {
        var vocabulary = Vocabulary.Read(field.Require("vocab"));
        return new WordLevelModel(vocabulary, vocabulary.TryGetId(field.Require("unk_token").AsString(), out var id) ? id : null);
    }

    private static WordPieceModel ReadWordPiece(JsonField field)
    {
        var vocabulary = Vocabulary.Read(field.Require("vocab"));
        var unknown = field["unk_token"];
        var unknownId = unknown.IsNull
            ? vocabulary.TryGetId("[UNK]", out var id) ? id : throw field.Require("unk_token").Error("is required")
            : vocabulary.Require(unknown);
        var longest = field["max_input_chars_per_word"];
        return new WordPieceModel(
            vocabulary, unknownId, field["continuing_subword_prefix"].AsStringOrNull() ?? "##", longest.IsNull ? 100 : longest.AsInt(1, 100_000));
    }

    private static UnigramModel ReadUnigram(JsonField field)
    {
        var entries = field.Require("vocab");
        if (entries.Kind != JsonValueKind.Array)
            throw entries.Error("must be an array of [token, score]");
        if (entries.Length > Vocabulary.LargestId)
            throw entries.Error($"has more than {Vocabulary.LargestId} entries");
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var scores = new double[entries.Length];
        var index = 0;
        foreach (var item in entries.RawItems())
        {
            var entry = entries.At(item, index);
            if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != 2)
                throw entry.Error("must be [token, score]");
            ids[entry.At(item[0], 0).AsString()] = index;
            scores[index++] = entry.At(item[1], 1).AsDouble();
        }
        var unknown = field["unk_id"];
        return new UnigramModel(new Vocabulary(ids), scores, unknown.IsNull ? null : unknown.AsInt(0, entries.Length - 1), field["byte_fallback"].AsBool(false));
    }

    private static BpeModel ReadBpe(JsonField field)
    {
        var dropout = field["dropout"];
        if (!dropout.IsNull && dropout.AsDouble() != 0)
            throw dropout.Error("merge dropout makes ids random; remove it to serve the model");
        var vocabulary = Vocabulary.Read(field.Require("vocab"));
        var unknown = field["unk_token"];
        var options = new BpeOptions
        {
            UnknownId = unknown.IsNull ? null : vocabulary.Require(unknown),
            ContinuingSubwordPrefix = field["continuing_subword_prefix"].AsStringOrNull() ?? "",
            EndOfWordSuffix = field["end_of_word_suffix"].AsStringOrNull() ?? "",
            FuseUnknown = field["fuse_unk"].AsBool(false),
            ByteFallback = field["byte_fallback"].AsBool(false),
            IgnoreMerges = field["ignore_merges"].AsBool(false),
        };
        var merges = ReadMerges(field.Require("merges"), vocabulary, options.ContinuingSubwordPrefix, out var joints);
        return new BpeModel(vocabulary, merges, joints, options);
    }

    private static MergeTable ReadMerges(JsonField field, Vocabulary vocabulary, string prefix, out HashSet<uint> joints)
    {
        var table = new MergeTable(field.Length);
        joints = [];
        var rank = 0;
        foreach (var item in field.RawItems())
        {
            var (left, right) = ReadMerge(field.At(item, rank));
            if (!vocabulary.TryGetId(left, out var leftId))
                throw field.At(item, rank).Error($"'{left}' is not in the vocabulary");
            if (!vocabulary.TryGetId(right, out var rightId))
                throw field.At(item, rank).Error($"'{right}' is not in the vocabulary");
            var merged = string.Concat(left, right.AsSpan(prefix.Length > 0 && right.StartsWith(prefix, StringComparison.Ordinal) ? prefix.Length : 0));
            if (!vocabulary.TryGetId(merged, out var id))
                throw field.At(item, rank).Error($"'{merged}' is not in the vocabulary");
            table.Set(leftId, rightId, rank++, id);
            if (left.Length > 0 && right.Length > 0)
                joints.Add(((uint)left[^1] << 16) | right[0]);
        }
        return table;
    }

    // "a b" in older files, ["a", "b"] in newer ones.
    private static (string Left, string Right) ReadMerge(JsonField field)
    {
        if (field.Kind == JsonValueKind.Array)
        {
            var parts = field.Items().ToArray();
            return parts.Length == 2 ? (parts[0].AsString(), parts[1].AsString()) : throw field.Error("must hold two tokens");
        }
        var text = field.AsString();
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return space >= 0 && text.IndexOf(' ', space + 1) < 0
            ? (text[..space], text[(space + 1)..])
            : throw field.Error("must be two tokens with one space between them");
    }
}
