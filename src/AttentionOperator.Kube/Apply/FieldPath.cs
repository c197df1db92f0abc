using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttentionOperator.Kube.Apply;

/// <summary>Field paths as an apply conflict names them: <c>.spec.template.spec.containers[name="runtime"].image</c>.</summary>
internal static class FieldPath
{
    /// <summary>Takes the named field out of the document. False where the document does not have it.</summary>
    public static bool Remove(JsonNode root, string path) => Remove(root, path.AsSpan().TrimStart('.'));

    private static bool Remove(JsonNode? node, ReadOnlySpan<char> path)
    {
        return node switch
        {
            JsonObject map => RemoveFromObject(map, path),
            JsonArray list when path.Length > 0 && path[0] == '[' => RemoveFromList(list, path),
            _ => false,
        };
    }

    private static bool RemoveFromObject(JsonObject map, ReadOnlySpan<char> path)
    {
        // Label keys contain dots, so the longest property name that fits is the right one.
        string? best = null;
        foreach ((string name, _) in map)
        {
            bool fits = path.StartsWith(name, StringComparison.Ordinal) && (path.Length == name.Length || path[name.Length] is '.' or '[');
            if (fits && (best is null || name.Length > best.Length))
            {
                best = name;
            }
        }

        if (best is null)
        {
            return false;
        }

        ReadOnlySpan<char> rest = path[best.Length..].TrimStart('.');
        return rest.IsEmpty ? map.Remove(best) : Remove(map[best], rest);
    }

    private static bool RemoveFromList(JsonArray list, ReadOnlySpan<char> path)
    {
        int close = ClosingBracket(path);
        if (close < 0)
        {
            return false;
        }

        Dictionary<string, string>? keys = Keys(path[1..close]);
        ReadOnlySpan<char> rest = path[(close + 1)..].TrimStart('.');
        foreach (JsonNode? item in list)
        {
            if (keys is null || item is not JsonObject map || !keys.All(k => map[k.Key]?.ToJsonString() == k.Value || (k.Key == "protocol" && map[k.Key] is null)))
            {
                continue;
            }

            return rest.IsEmpty ? list.Remove(item) : Remove(item, rest);
        }

        return false;
    }

    private static int ClosingBracket(ReadOnlySpan<char> path)
    {
        bool quoted = false;
        for (int i = 0; i < path.Length; i++)
        {
            if (path[i] == '"' && (i == 0 || path[i - 1] != '\\'))
            {
                quoted = !quoted;
            }
            else if (path[i] == ']' && !quoted)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary><c>containerPort=8000,protocol="TCP"</c> as names and JSON values.</summary>
    private static Dictionary<string, string>? Keys(ReadOnlySpan<char> text)
    {
        Dictionary<string, string> keys = new(StringComparer.Ordinal);
        while (!text.IsEmpty)
        {
            int equals = text.IndexOf('=');
            if (equals <= 0)
            {
                return null;
            }

            string name = text[..equals].ToString();
            text = text[(equals + 1)..];
            int end = 0;
            bool quoted = false;
            while (end < text.Length && (quoted || text[end] != ','))
            {
                quoted ^= text[end] == '"';
                end++;
            }

            keys[name] = Normal(text[..end].ToString());
            text = end < text.Length ? text[(end + 1)..] : [];
        }

        return keys.Count > 0 ? keys : null;
    }

    private static string Normal(string json)
    {
        try
        {
            return JsonNode.Parse(json)?.ToJsonString() ?? json;
        }
        catch (JsonException)
        {
            return json;
        }
    }
}
