using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>JSON as template values: null, bool, long, BigInteger, double, string, list, dict.</summary>
internal static class JsonValues
{
    private const int DeepestNesting = 100;

    public static object? FromNode(JsonNode? node) => FromNode(node, 0);

    private static object? FromNode(JsonNode? node, int depth)
    {
        if (depth > DeepestNesting)
            throw new ChatTemplateException($"the input is nested deeper than {DeepestNesting}", 0);
        switch (node)
        {
            case null:
                return null;
            case JsonArray array:
                var list = new List<object?>(array.Count);
                foreach (var item in array)
                    list.Add(FromNode(item, depth + 1));
                return list;
            case JsonObject members:
                var dict = new OrderedDictionary<string, object?>(StringComparer.Ordinal);
                foreach (var (name, value) in members)
                    dict[name] = FromNode(value, depth + 1);
                return dict;
            default:
                return FromValue(node);
        }
    }

    private static object? FromValue(JsonNode node)
    {
        switch (node.GetValueKind())
        {
            case JsonValueKind.String:
                return node.GetValue<string>();
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            case JsonValueKind.Number:
                var text = node.ToJsonString();
                if (text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0)
                    return double.Parse(text, CultureInfo.InvariantCulture);
                return long.TryParse(text, CultureInfo.InvariantCulture, out var value) ? (object)value : BigInteger.Parse(text, CultureInfo.InvariantCulture);
            default:
                return null;
        }
    }
}
