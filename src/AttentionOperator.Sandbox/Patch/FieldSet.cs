using System.Text.Json.Nodes;

namespace AttentionOperator.Sandbox.Patch;

/// <summary>
/// A set of field paths as a tree, in the form of <c>fieldsV1</c>: <c>f:name</c> for members, <c>k:{...}</c> for items of list-type map,
/// <c>v:...</c> for items of sets.
/// </summary>
internal sealed class FieldSet
{
    private const string Self = ".";

    /// <summary>True when the path to this node is itself in the set.</summary>
    public bool Owned { get; set; }

    public SortedDictionary<string, FieldSet> Children { get; } = new(StringComparer.Ordinal);

    public bool IsEmpty => !Owned && Children.Count == 0;

    public FieldSet Child(string step)
    {
        if (!Children.TryGetValue(step, out var child)) Children[step] = child = new FieldSet();
        return child;
    }

    public FieldSet? Find(string step) => Children.GetValueOrDefault(step);

    public FieldSet Clone()
    {
        var copy = new FieldSet { Owned = Owned };
        foreach (var (step, child) in Children) copy.Children[step] = child.Clone();
        return copy;
    }

    public void Add(FieldSet other)
    {
        Owned |= other.Owned;
        foreach (var (step, child) in other.Children) Child(step).Add(child);
    }

    /// <summary>Takes out the paths of another set; what hangs below them stays.</summary>
    public void Remove(FieldSet other)
    {
        if (other.Owned) Owned = false;
        foreach (var (step, child) in other.Children)
        {
            if (Children.TryGetValue(step, out var mine))
            {
                mine.Remove(child);
                if (mine.IsEmpty) Children.Remove(step);
            }
        }
    }

    public FieldSet Intersect(FieldSet other)
    {
        var result = new FieldSet { Owned = Owned && other.Owned };
        foreach (var (step, child) in Children)
        {
            if (!other.Children.TryGetValue(step, out var theirs)) continue;
            var common = child.Intersect(theirs);
            if (!common.IsEmpty) result.Children[step] = common;
        }

        return result;
    }

    public bool SameAs(FieldSet other) =>
        Owned == other.Owned && Children.Count == other.Children.Count
        && Children.All(c => other.Children.TryGetValue(c.Key, out var theirs) && c.Value.SameAs(theirs));

    /// <summary>The paths in the form that conflicts are reported in: <c>.spec.template.spec.containers[name="a"].image</c>.</summary>
    public IEnumerable<string> Paths(string prefix = "")
    {
        if (Owned && prefix.Length > 0) yield return prefix;
        foreach (var (step, child) in Children)
        {
            foreach (var path in child.Paths(prefix + Show(step))) yield return path;
        }
    }

    public JsonObject ToJson()
    {
        var result = new JsonObject();
        if (Owned && Children.Count > 0) result[Self] = new JsonObject();
        foreach (var (step, child) in Children) result[step] = child.ToJson();
        return result;
    }

    public static FieldSet FromJson(JsonObject? json)
    {
        var root = Read(json ?? []);
        root.Owned = false;
        return root;
    }

    private static FieldSet Read(JsonObject json)
    {
        var set = new FieldSet { Owned = json.Count == 0 || json.ContainsKey(Self) };
        foreach (var (step, value) in json)
        {
            if (step != Self && value is JsonObject child) set.Children[step] = Read(child);
        }

        return set;
    }

    private static string Show(string step)
    {
        var rest = step[2..];
        if (step[0] == 'f') return $".{rest}";
        if (step[0] == 'k' && JsonNode.Parse(rest) is JsonObject keys)
            return $"[{string.Join(",", keys.Select(k => $"{k.Key}={k.Value?.ToJsonString()}"))}]";
        return step[0] == 'v' ? $"[={rest}]" : $"[{rest}]";
    }
}
