using AttentionOperator.Tokenization.Json;
using AttentionOperator.Tokenization.PreTokenizers;
using AttentionOperator.Tokenization.Regexes;

namespace AttentionOperator.Tokenization.Decoders;

/// <summary>Reads the <c>decoder</c> section.</summary>
internal static class DecoderReader
{
    public static DecoderChain Read(JsonField field)
    {
        if (field.IsNull)
            return new DecoderChain([new DecoderStep(() => new JoinStage(), TakesChunks: true)]);
        var steps = new List<DecoderStep>();
        ReadStep(field, steps);
        return new DecoderChain(steps);
    }

    private static void ReadStep(JsonField field, List<DecoderStep> steps)
    {
        var type = field.Require("type");
        switch (type.AsString())
        {
            case "ByteLevel":
                steps.Add(new DecoderStep(() => new ByteLevelStage(), Fuses: true, IsByteLevel: true));
                break;
            case "ByteFallback":
                steps.Add(new DecoderStep(() => new ByteFallbackStage(), IsByteFallback: true));
                break;
            case "Fuse":
                steps.Add(new DecoderStep(() => new FuseStage(), TakesChunks: true, Fuses: true));
                break;
            case "Strip":
                var content = field.Require("content").AsChar();
                var start = field.Require("start").AsInt(0, 1024);
                var stop = field.Require("stop").AsInt(0, 1024);
                steps.Add(new DecoderStep(() => new StripStage(content, start, stop), TakesChunks: true));
                break;
            case "Replace":
                var pattern = PatternReader.Read(field.Require("pattern"), out var literal);
                var by = field.Require("content").AsString();
                steps.Add(new DecoderStep(() => new ReplaceStage(pattern, by), TakesChunks: literal is { Length: 1 }));
                break;
            case "Metaspace":
                var replacement = field.Require("replacement").AsChar();
                var prepended = PreTokenizerReader.ReadPrependScheme(field) != PrependScheme.Never;
                steps.Add(new DecoderStep(() => new MetaspaceStage(replacement, prepended), TakesChunks: true));
                break;
            case "WordPiece":
                var prefix = field["prefix"].AsStringOrNull() ?? "##";
                var cleanUp = field["cleanup"].AsBool(true);
                steps.Add(new DecoderStep(() => new WordPieceStage(prefix, cleanUp)));
                break;
            case "BPEDecoder":
                var suffix = field["suffix"].AsStringOrNull() ?? "</w>";
                steps.Add(new DecoderStep(() => new SuffixStage(suffix)));
                break;
            case "Sequence":
                foreach (var item in field.Require("decoders").Items())
                    ReadStep(item, steps);
                break;
            case var other:
                throw type.Error($"the decoder '{other}' is not supported");
        }
    }
}
