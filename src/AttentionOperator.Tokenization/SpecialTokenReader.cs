using System.Text.Json;
using AttentionOperator.Tokenization.Json;

namespace AttentionOperator.Tokenization;

/// <summary>Reads the tokens that tokenizer_config.json and special_tokens_map.json give a role.</summary>
internal static class SpecialTokenReader
{
    private static readonly string[] Names = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private static readonly string[] Lists = ["additional_special_tokens", "extra_special_tokens"];

    /// <summary>Name → token; the first source that has a name wins.</summary>
    public static Dictionary<string, string> ReadNamed(params ReadOnlySpan<JsonFile?> sources)
    {
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Names)
        {
            foreach (var source in sources)
            {
                if (source is null || source.Root[name] is not { IsNull: false } field)
                    continue;
                if (Content(field) is { Length: > 0 } content)
                    named[name] = content;
                break;
            }
        }
        return named;
    }

    /// <summary>Further special tokens without a name of their own.</summary>
    public static List<string> ReadOthers(params ReadOnlySpan<JsonFile?> sources)
    {
        var others = new List<string>();
        foreach (var source in sources)
        {
            foreach (var list in Lists)
            {
                if (source is null || source.Root[list] is not { IsNull: false } field)
                    continue;
                var items = field.Kind == JsonValueKind.Object ? field.Members().Select(m => m.Value) : field.Items();
                others.AddRange(items.Select(Content).Where(c => c.Length > 0));
            }
        }
        return others;
    }

    private static string Content(JsonField field) => field.Kind == JsonValueKind.Object ? field.Require("content").AsString() : field.AsString();
}
