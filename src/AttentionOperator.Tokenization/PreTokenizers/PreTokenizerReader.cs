using AttentionOperator.Tokenization.Json;
using AttentionOperator.Tokenization.Regexes;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.PreTokenizers;

/// <summary>Reads the <c>pre_tokenizer</c> section.</summary>
internal static class PreTokenizerReader
{
    public static IPreTokenizer? Read(JsonField field) => field.IsNull ? null : ReadStep(field);

    /// <summary>Newer files say <c>prepend_scheme</c>, older ones <c>add_prefix_space</c>.</summary>
    public static PrependScheme ReadPrependScheme(JsonField field)
    {
        var scheme = field["prepend_scheme"];
        if (scheme.IsNull)
            return field["add_prefix_space"].AsBool(true) ? PrependScheme.Always : PrependScheme.Never;
        return scheme.AsString() switch
        {
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            var other => throw scheme.Error($"'{other}' is not one of always, first, never"),
        };
    }

    private static IPreTokenizer ReadStep(JsonField field)
    {
        var type = field.Require("type");
        return type.AsString() switch
        {
            "ByteLevel" => new ByteLevelPreTokenizer(field["add_prefix_space"].AsBool(true), field["use_regex"].AsBool(true)),
            "Metaspace" => new MetaspacePreTokenizer(field.Require("replacement").AsChar(), ReadPrependScheme(field), field["split"].AsBool(true)),
            "Split" => new SplitPreTokenizer(
                PatternReader.Read(field.Require("pattern"), out _), SplitBehaviors.Read(field.Require("behavior")), field["invert"].AsBool(false)),
            "Whitespace" => new SplitPreTokenizer(new WordPattern(), SplitBehavior.Removed, invert: true),
            "WhitespaceSplit" => new SplitPreTokenizer(new ScalarPattern(Scalars.IsWhiteSpace), SplitBehavior.Removed),
            "Punctuation" => new SplitPreTokenizer(new ScalarPattern(Scalars.IsPunctuation), ReadPunctuationBehavior(field["behavior"])),
            "Digits" => new SplitPreTokenizer(
                new ScalarPattern(Scalars.IsNumeric), field["individual_digits"].AsBool(false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous),
            "CharDelimiterSplit" => ReadDelimiter(field.Require("delimiter")),
            "BertPreTokenizer" => new SequencePreTokenizer([
                new SplitPreTokenizer(new ScalarPattern(Scalars.IsWhiteSpace), SplitBehavior.Removed),
                new SplitPreTokenizer(new ScalarPattern(Scalars.IsPunctuation), SplitBehavior.Isolated)]),
            "Sequence" => new SequencePreTokenizer([.. field.Require("pretokenizers").Items().Select(ReadStep)]),
            var other => throw type.Error($"the pre-tokenizer '{other}' is not supported"),
        };
    }

    private static SplitBehavior ReadPunctuationBehavior(JsonField field) => field.IsNull ? SplitBehavior.Isolated : SplitBehaviors.Read(field);

    private static SplitPreTokenizer ReadDelimiter(JsonField field)
    {
        int delimiter = field.AsChar();
        return new SplitPreTokenizer(new ScalarPattern(scalar => scalar == delimiter), SplitBehavior.Removed);
    }
}
