using System.Globalization;
using System.Text.Json.Nodes;

namespace AttentionOperator.Api.Tests.Upgrades;

/// <summary>What a new schema of the same version takes away from an old one. Within a version only additions are allowed: whatever was valid stays valid, whatever was kept is kept.</summary>
internal static class SchemaCompatibility
{
    public static IReadOnlyList<string> Breaks(JsonNode before, JsonNode after)
    {
        List<string> found = [];
        Compare(before, after, "", found);
        return found;
    }

    private static void Compare(JsonNode before, JsonNode after, string path, List<string> found)
    {
        void Break(string what) => found.Add($"{(path.Length == 0 ? "(root)" : path)}: {what}");
        foreach (var keyword in (string[])["type", "format", "pattern", "x-kubernetes-int-or-string", "x-kubernetes-list-type", "x-kubernetes-preserve-unknown-fields"])
        {
            if (after[keyword] is not null && !JsonNode.DeepEquals(before[keyword], after[keyword]))
            {
                Break($"{keyword} was {before[keyword]?.ToJsonString() ?? "none"} and is {after[keyword]!.ToJsonString()}");
            }
        }

        foreach (var (keyword, tighter) in ((string, int)[])[("minimum", 1), ("minLength", 1), ("minItems", 1), ("minProperties", 1), ("maximum", -1), ("maxLength", -1), ("maxItems", -1), ("maxProperties", -1)])
        {
            if (Number(after[keyword]) is { } now && !(Number(before[keyword]) is { } then && then.CompareTo(now) * tighter >= 0))
            {
                Break($"{keyword} was {before[keyword]?.ToJsonString() ?? "none"} and is {after[keyword]!.ToJsonString()}");
            }
        }

        if (before["default"] is { } value && !JsonNode.DeepEquals(value, after["default"]) && !Covers(value, after["default"]))
        {
            Break($"default was {value.ToJsonString()} and is {after["default"]?.ToJsonString() ?? "none"}: stored models would change");
        }

        foreach (var gone in Texts(before["enum"]).Except(Texts(after["enum"])).Where(_ => after["enum"] is not null))
        {
            Break($"the value {gone} is gone");
        }

        foreach (var required in Texts(after["required"]).Except(Texts(before["required"])).Where(name => after["properties"]?[name]?["default"] is null))
        {
            Break($"{required} is required now");
        }

        foreach (var (name, schema) in before["properties"] as JsonObject ?? [])
        {
            if (after["properties"]?[name] is { } next)
            {
                Compare(schema!, next, path.Length == 0 ? name : $"{path}.{name}", found);
            }
            else
            {
                Break($"{name} is gone: it would be pruned from stored models");
            }
        }

        foreach (var keyword in (string[])["items", "additionalProperties"])
        {
            if (before[keyword] is JsonObject inner && after[keyword] is JsonObject nextInner)
            {
                Compare(inner, nextInner, $"{path}[]", found);
            }
        }

        foreach (var rule in Rules(after).Except(Rules(before)))
        {
            // New rules may only speak of fields that are new; a person decides, and says so here.
            Break($"rule '{rule}' is new");
        }
    }

    // An object's default may gain members.
    private static bool Covers(JsonNode before, JsonNode? after) => before is JsonObject members && after is JsonObject now && members.All(member => JsonNode.DeepEquals(member.Value, now[member.Key]));

    private static IEnumerable<string> Rules(JsonNode schema) => schema["x-kubernetes-validations"] is JsonArray rules ? rules.Select(rule => (string)rule!["rule"]!) : [];

    private static IEnumerable<string> Texts(JsonNode? list) => list is JsonArray items ? items.Select(item => (string)item!) : [];

    private static decimal? Number(JsonNode? node) => node is null ? null : decimal.Parse(node.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture);
}
