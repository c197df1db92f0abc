using AttentionOperator.Tokenization.Json;
using AttentionOperator.Tokenization.Regexes;

namespace AttentionOperator.Tokenization.Normalizers;

/// <summary>Reads the <c>normalizer</c> section.</summary>
internal static class NormalizerReader
{
    public static INormalizer? Read(JsonField field) => field.IsNull ? null : ReadStep(field);

    private static INormalizer ReadStep(JsonField field)
    {
        var type = field.Require("type");
        return type.AsString() switch
        {
            "NFC" => new UnicodeFormNormalizer(compose: true, compatibility: false),
            "NFD" => new UnicodeFormNormalizer(compose: false, compatibility: false),
            "NFKC" => new UnicodeFormNormalizer(compose: true, compatibility: true),
            "NFKD" => new UnicodeFormNormalizer(compose: false, compatibility: true),
            "Lowercase" => new LowercaseNormalizer(),
            "Strip" => new StripNormalizer(field["strip_left"].AsBool(true), field["strip_right"].AsBool(true)),
            "StripAccents" => new StripAccentsNormalizer(),
            "Replace" => new ReplaceNormalizer(PatternReader.Read(field.Require("pattern"), out var literal), literal, field.Require("content").AsString()),
            "Prepend" => new PrependNormalizer(field.Require("prepend").AsString()),
            "BertNormalizer" => ReadBert(field),
            "Precompiled" => ReadPrecompiled(field.Require("precompiled_charsmap")),
            "Nmt" => new NmtNormalizer(),
            "ByteLevel" => new ByteLevelNormalizer(),
            "Sequence" => new SequenceNormalizer([.. field.Require("normalizers").Items().Select(ReadStep)]),
            var other => throw type.Error($"the normalizer '{other}' is not supported"),
        };
    }

    private static BertNormalizer ReadBert(JsonField field)
    {
        var lowercase = field["lowercase"].AsBool(true);
        var steps = new List<INormalizer>();
        if (field["clean_text"].AsBool(true))
            steps.Add(new BertCleanTextNormalizer());
        if (field["handle_chinese_chars"].AsBool(true))
            steps.Add(new ChineseSpacingNormalizer());
        if (field["strip_accents"].AsBoolOrNull() ?? lowercase)
        {
            steps.Add(new UnicodeFormNormalizer(compose: false, compatibility: false));
            steps.Add(new StripAccentsNormalizer(nonSpacingOnly: true));
        }
        if (lowercase)
            steps.Add(new LowercaseNormalizer());
        return new BertNormalizer(new SequenceNormalizer(steps));
    }

    private static PrecompiledNormalizer ReadPrecompiled(JsonField field)
    {
        byte[] bytes;
        try
        {
            bytes = Convert.FromBase64String(field.AsString());
        }
        catch (FormatException e)
        {
            throw field.Error("is not base64", e);
        }
        return new PrecompiledNormalizer(CharacterMap.TryRead(bytes)
            ?? throw field.Error("is not a compiled character map: a trie size in bytes, that many bytes, and the replacements were expected"));
    }
}
