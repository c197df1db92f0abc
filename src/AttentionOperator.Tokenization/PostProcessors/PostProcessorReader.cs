using AttentionOperator.Tokenization.Json;
using AttentionOperator.Tokenization.Models;

namespace AttentionOperator.Tokenization.PostProcessors;

/// <summary>Reads the <c>post_processor</c> section.</summary>
internal sealed class PostProcessorReader(Func<int, string?> tokenOf)
{
    public IPostProcessor Read(JsonField field) => field.IsNull ? JoinPostProcessor.Instance : ReadStep(field);

    private IPostProcessor ReadStep(JsonField field)
    {
        var type = field.Require("type");
        return type.AsString() switch
        {
            "TemplateProcessing" => ReadTemplate(field),
            "BertProcessing" => ReadPair(field, secondType: 1, doubleSeparator: false),
            "RobertaProcessing" => Trim(field, ReadPair(field, secondType: 0, doubleSeparator: true)),
            "ByteLevel" => Trim(field, JoinPostProcessor.Instance),
            "Sequence" => ReadSequence(field.Require("processors")),
            var other => throw type.Error($"the post-processor '{other}' is not supported"),
        };
    }

    private SequencePostProcessor ReadSequence(JsonField field)
    {
        var steps = field.Items().Select(item => (Field: item, Step: ReadStep(item))).ToArray();
        // Special tokens that one step adds would be text to the next: no published file does it.
        var adding = Array.FindIndex(steps, s => s.Step.AddedTokens(false) > 0);
        if (adding >= 0 && adding < steps.Length - 1)
            throw steps[adding].Field.Error("a step that adds special tokens must be the last one");
        return new SequencePostProcessor([.. steps.Select(s => s.Step)]);
    }

    private IPostProcessor Trim(JsonField field, IPostProcessor next) => field["trim_offsets"].AsBool(true)
        ? new TrimOffsetsPostProcessor(field["add_prefix_space"].AsBool(true), tokenOf, next)
        : next;

    private static TemplatePostProcessor ReadPair(JsonField field, int secondType, bool doubleSeparator)
    {
        var separator = ReadNamedId(field.Require("sep"));
        var start = ReadNamedId(field.Require("cls"));
        TemplatePiece[] single = [new(-1, [start], 0), new(0, [], 0), new(-1, [separator], 0)];
        int[] second = doubleSeparator ? [separator] : [];
        return new TemplatePostProcessor(
            single, [.. single, new TemplatePiece(-1, second, secondType), new TemplatePiece(1, [], secondType), new TemplatePiece(-1, [separator], secondType)]);
    }

    private static int ReadNamedId(JsonField field)
    {
        var parts = field.Items().ToArray();
        if (parts.Length != 2)
            throw field.Error("must be [token, id]");
        parts[0].AsString();
        return parts[1].AsInt(0, Vocabulary.LargestId);
    }

    private static TemplatePostProcessor ReadTemplate(JsonField field)
    {
        var specials = new Dictionary<string, int[]>(StringComparer.Ordinal);
        var listed = field["special_tokens"];
        if (!listed.IsNull)
        {
            foreach (var (name, value) in listed.Members())
                specials[name] = [.. value.Require("ids").Items().Select(id => id.AsInt(0, Vocabulary.LargestId))];
        }
        return new TemplatePostProcessor(ReadPieces(field.Require("single"), specials), ReadPieces(field.Require("pair"), specials));
    }

    private static List<TemplatePiece> ReadPieces(JsonField field, Dictionary<string, int[]> specials)
    {
        var pieces = new List<TemplatePiece>();
        foreach (var item in field.Items())
        {
            if (pieces.Count == 64)
                throw field.Error("has more than 64 pieces");
            var special = item["SpecialToken"];
            var body = special.IsNull ? item.Require("Sequence") : special;
            var id = body.Require("id");
            var typeId = body["type_id"].IsNull ? 0 : body["type_id"].AsInt(0, 255);
            if (special.IsNull)
                pieces.Add(new TemplatePiece(id.AsString() switch { "A" => 0, "B" => 1, _ => throw id.Error("must be A or B") }, [], typeId));
            else
                pieces.Add(new TemplatePiece(-1, specials.TryGetValue(id.AsString(), out var ids) ? ids : throw id.Error("is not listed in special_tokens"), typeId));
        }
        return pieces;
    }
}
