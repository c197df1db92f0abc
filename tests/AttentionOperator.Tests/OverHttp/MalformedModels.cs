using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AttentionOperator.Tests.OverHttp;

/// <summary>Breaks a valid spec in one place, in every way that its schema forbids.</summary>
internal sealed class MalformedModels(JsonObject schema, JsonObject valid)
{
    private static readonly string[] Misfits = ["", " ", "Ünlike anything/?#[]", "-", "***", "0", "a"];

    private readonly List<(string Field, string What, Func<JsonObject, bool> Break)> ways = [];

    /// <summary>All ways, in an order that the seed decides.</summary>
    public IReadOnlyList<(string Field, string What, JsonObject Spec)> Generate(int seed)
    {
        ways.Clear();
        Visit(schema, valid, []);
        var random = new Random(seed);
        var order = ways.ToArray();
        random.Shuffle(order);
        return [.. order.Select(way =>
        {
            var spec = valid.DeepClone().AsObject();
            return (way.Field, way.What, Spec: spec, Broken: way.Break(spec));
        }).Where(way => way.Broken).Select(way => (way.Field, way.What, way.Spec))];
    }

    private void Visit(JsonObject node, JsonNode value, string[] path)
    {
        if (path.Length > 0)
        {
            BreakValue(node, value, path);
        }

        switch (value)
        {
            case JsonObject obj:
                foreach (var name in Texts(node["required"]).Where(obj.ContainsKey))
                {
                    Add([.. path, name], "missing", parent => parent.AsObject().Remove(name));
                }

                foreach (var (name, member) in obj)
                {
                    if ((node["properties"]?[name] ?? node["additionalProperties"]) is JsonObject child && member is not null)
                    {
                        Visit(child, member, [.. path, name]);
                    }
                }

                break;
            case JsonArray { Count: > 0 } array when node["items"] is JsonObject items:
                Visit(items, array[0]!, [.. path, "0"]);
                if ((string?)node["x-kubernetes-list-type"] is "set" or "map")
                {
                    Set(path, "twice the same", new JsonArray([.. array.Select(item => item!.DeepClone()), array[0]!.DeepClone()]));
                }

                break;
        }
    }

    private void BreakValue(JsonObject node, JsonNode value, string[] path)
    {
        Set(path, "of another type", value is JsonObject or JsonArray ? JsonValue.Create("text") : new JsonObject { ["unexpected"] = 1 });
        Set(path, "a list of lists", new JsonArray(new JsonArray()));
        if (Number(node["minimum"]) is { } minimum)
        {
            Set(path, "below the minimum", JsonValue.Create(minimum - 1));
        }

        if (Number(node["maximum"]) is { } maximum)
        {
            Set(path, "above the maximum", JsonValue.Create(maximum + 1));
        }

        if (node["enum"] is JsonArray)
        {
            Set(path, "no value of the enumeration", JsonValue.Create("Nonsense"));
        }

        if ((string?)node["pattern"] is { } pattern && Misfits.FirstOrDefault(text => !Regex.IsMatch(text, pattern)) is { } misfit)
        {
            Set(path, "not of the pattern", JsonValue.Create(misfit));
        }

        if (Number(node["maxLength"]) is { } longest)
        {
            Set(path, "too long", JsonValue.Create(new string('a', (int)longest + 1)));
        }

        if (Number(node["minLength"]) is > 0)
        {
            Set(path, "empty", JsonValue.Create(""));
        }

        if (value is JsonArray { Count: > 0 } array)
        {
            if (Number(node["maxItems"]) is { } most)
            {
                Set(path, "with too many items", new JsonArray([.. Enumerable.Repeat(array[0]!, (int)most + 1).Select(item => item.DeepClone())]));
            }

            if (Number(node["minItems"]) is > 0)
            {
                Set(path, "without items", new JsonArray());
            }
        }

        if (value is JsonObject { Count: > 0 } && Number(node["maxProperties"]) is { } members && node["additionalProperties"] is not null)
        {
            Set(path, "with too many members", new JsonObject(Enumerable.Range(0, (int)members + 1).Select(number => KeyValuePair.Create($"key{number}", (JsonNode?)JsonValue.Create("a")))));
        }
    }

    private void Set(string[] path, string what, JsonNode replacement) => Add(path, what, parent =>
    {
        if (parent is JsonArray array)
        {
            array[int.Parse(path[^1], CultureInfo.InvariantCulture)] = replacement.DeepClone();
        }
        else
        {
            parent[path[^1]] = replacement.DeepClone();
        }

        return true;
    });

    private void Add(string[] path, string what, Func<JsonNode, bool> change) => ways.Add((Name(path), what, spec =>
        change(path[..^1].Aggregate((JsonNode)spec, (node, part) => node is JsonArray array ? array[int.Parse(part, CultureInfo.InvariantCulture)]! : node[part]!))));

    private static string Name(string[] path) => "spec" + string.Concat(path.Select(part => char.IsAsciiDigit(part[0]) ? $"[{part}]" : $".{part}"));

    private static IEnumerable<string> Texts(JsonNode? list) => list is JsonArray items ? items.Select(item => (string)item!) : [];

    private static long? Number(JsonNode? node) => node is null ? null : (long)double.Parse(node.ToString(), CultureInfo.InvariantCulture);
}
