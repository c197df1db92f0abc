using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Tables;

/// <summary>The subset of JSONPath that printer columns use: members, indexes, <c>[*]</c>, <c>['a.b']</c> and filters <c>[?(@.type=="Ready")]</c>.</summary>
internal sealed partial class JsonPath
{
    private readonly List<Func<JsonNode, IEnumerable<JsonNode?>>> _steps;

    private JsonPath(List<Func<JsonNode, IEnumerable<JsonNode?>>> steps) => _steps = steps;

    public JsonNode? First(JsonNode root) => Select(root).FirstOrDefault(n => n is not null);

    public IEnumerable<JsonNode?> Select(JsonNode root) =>
        _steps.Aggregate((IEnumerable<JsonNode?>)[root], (nodes, step) => nodes.OfType<JsonNode>().SelectMany(step));

    public static JsonPath Parse(string text)
    {
        text = text.Trim().Trim('{', '}').TrimStart('$');
        var steps = new List<Func<JsonNode, IEnumerable<JsonNode?>>>();
        foreach (Match match in Step().Matches(text))
        {
            if (match.Groups["field"].Success || match.Groups["quoted"].Success)
            {
                var name = match.Groups["quoted"].Success ? match.Groups["quoted"].Value : match.Groups["field"].Value.Replace("\\.", ".", StringComparison.Ordinal);
                steps.Add(node => node is JsonObject obj && obj[name] is { } value ? [value] : []);
            }
            else if (match.Groups["index"].Success)
            {
                var index = int.Parse(match.Groups["index"].ValueSpan, CultureInfo.InvariantCulture);
                steps.Add(node => node is JsonArray array && Resolve(array, index) is { } at ? [array[at]] : []);
            }
            else if (match.Groups["path"].Success)
            {
                steps.Add(Filter(match.Groups["path"].Value, match.Groups["op"].Value, match.Groups["value"].Value));
            }
            else
            {
                steps.Add(node => node switch { JsonArray array => array, JsonObject obj => obj.Select(m => m.Value), _ => [] });
            }
        }

        return new JsonPath(steps);
    }

    private static Func<JsonNode, IEnumerable<JsonNode?>> Filter(string path, string op, string value)
    {
        var inner = Parse(path);
        return node => (node as JsonArray)?.Where(item =>
        {
            var found = item is null ? null : inner.First(item);
            if (op.Length == 0) return found is not null;
            var text = found.AsText() ?? (found is null ? null : JsonFormat.ToText(found));
            return op == "==" ? text == value : text != value;
        }) ?? [];
    }

    private static int? Resolve(JsonArray array, int index)
    {
        var at = index < 0 ? array.Count + index : index;
        return at >= 0 && at < array.Count ? at : null;
    }

    [GeneratedRegex("""\.(?<field>(?:\\.|[^.\[\]*])+)|\['(?<quoted>[^']*)'\]|\[(?<index>-?\d+)\]|\[\?\(\s*@(?<path>[^=!\s)]*)\s*(?:(?<op>==|!=)\s*["']?(?<value>[^"')]*)["']?)?\s*\)\]|\[\*\]|\.\*""")]
    private static partial Regex Step();
}
