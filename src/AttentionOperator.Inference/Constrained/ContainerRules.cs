using System.Text.Encodings.Web;
using System.Text.Json;

namespace AttentionOperator.Inference.Constrained;

/// <param name="Name">As in the schema.</param>
/// <param name="Rule">Of its value.</param>
/// <param name="Required">It cannot be left out.</param>
internal sealed record PropertyRule(string Name, int Rule, bool Required);

/// <summary>Rules of arrays, objects and bounded strings.</summary>
internal sealed class ContainerRules(Grammar grammar, JsonRules json)
{
    /// <param name="item">Rule of every item.</param>
    /// <param name="min">Fewest items.</param>
    /// <param name="max">Most items; null = any number.</param>
    public int Array(int item, int min, int? max)
    {
        var rule = grammar.Rule();
        var open = grammar.Call(grammar.Read(grammar.StartOf(rule), '['), json.Space);
        var end = grammar.NewState();
        grammar.Accept(end);
        if (min == 0) grammar.Read(open, (byte)']', (byte)']', end);
        if (max == 0) return rule;
        var after = grammar.Call(open, item);
        for (var count = 1; ; count++)
        {
            if (count >= min) grammar.Read(grammar.Call(after, json.Space), (byte)']', (byte)']', end);
            if (count == max) return rule;
            var comma = grammar.Call(grammar.Read(after, ','), json.Space);
            if (max is null && count >= Math.Max(min, 1))
            {
                grammar.Call(comma, item, after);
                return rule;
            }

            after = grammar.Call(comma, item);
        }
    }

    /// <summary>Properties in the order of the schema, optional ones may be left out; then further ones where <paramref name="otherKey"/> is given.</summary>
    public int Object(IReadOnlyList<PropertyRule> properties, int? otherKey, int otherValue)
    {
        var rule = grammar.Rule();
        var first = grammar.Call(grammar.Read(grammar.StartOf(rule), '{'), json.Space);
        var later = grammar.NewState();
        foreach (var property in properties)
        {
            var (nextFirst, nextLater) = (grammar.NewState(), grammar.NewState());
            var key = grammar.NewState();
            grammar.Link(first, key);
            grammar.Call(grammar.Read(later, ','), json.Space, key);
            grammar.Call(grammar.Call(grammar.Read(grammar.Read(key, Literal(property.Name)), ':'), json.Space), property.Rule, nextLater);
            if (!property.Required)
            {
                grammar.Link(first, nextFirst);
                grammar.Link(later, nextLater);
            }

            (first, later) = (nextFirst, nextLater);
        }

        if (otherKey is { } other)
        {
            var key = grammar.NewState();
            grammar.Link(first, key);
            grammar.Call(grammar.Read(later, ','), json.Space, key);
            grammar.Call(grammar.Call(grammar.Read(grammar.Call(key, other), ':'), json.Space), otherValue, later);
        }

        var end = grammar.NewState();
        grammar.Accept(end);
        grammar.Read(first, (byte)'}', (byte)'}', end);
        grammar.Read(grammar.Call(later, json.Space), (byte)'}', (byte)'}', end);
        return rule;
    }

    /// <summary>Keys that are none of the names: printable ASCII without escapes, so that no other spelling of a name slips in.</summary>
    public int KeyExcept(IReadOnlyList<PropertyRule> properties)
    {
        var rule = grammar.Rule();
        var end = grammar.NewState();
        grammar.Accept(end);
        var free = grammar.NewState();
        ReadPlain(free, 0x20, 0x7E, free);
        grammar.Read(free, (byte)'"', (byte)'"', end);
        var names = properties.Select(p => p.Name).Where(n => n.All(IsPlain)).Distinct().ToArray();
        Node(grammar.Read(grammar.StartOf(rule), '"'), names, 0);
        return rule;

        void Node(int state, string[] below, int depth)
        {
            if (!below.Any(n => n.Length == depth)) grammar.Read(state, (byte)'"', (byte)'"', end);
            var next = 0x20;
            foreach (var group in below.Where(n => n.Length > depth).GroupBy(n => n[depth]).OrderBy(g => g.Key))
            {
                if (group.Key > next) ReadPlain(state, next, group.Key - 1, free);
                Node(grammar.Read(state, (byte)group.Key, (byte)group.Key, grammar.NewState()), [.. group], depth + 1);
                next = group.Key + 1;
            }

            if (next <= 0x7E) ReadPlain(state, next, 0x7E, free);
        }
    }

    /// <summary>A string of <paramref name="min"/> to <paramref name="max"/> code points.</summary>
    public int Text(int min, int? max)
    {
        var rule = grammar.Rule();
        var state = grammar.Read(grammar.StartOf(rule), '"');
        var end = grammar.NewState();
        grammar.Accept(end);
        for (var count = 0; ; count++)
        {
            if (count >= min) grammar.Read(state, (byte)'"', (byte)'"', end);
            if (count == max) return rule;
            if (max is null && count >= min)
            {
                grammar.Call(state, json.Character, state);
                return rule;
            }

            state = grammar.Call(state, json.Character);
        }
    }

    public int Constants(IEnumerable<JsonElement> values)
    {
        var rule = grammar.Rule();
        foreach (var value in values) grammar.Accept(grammar.Read(grammar.StartOf(rule), Literal(value)));
        return rule;
    }

    private static bool IsPlain(char character) => character is >= ' ' and <= '~' and not '"' and not '\\';

    /// <summary>A range of bytes without the quote and the backslash.</summary>
    private void ReadPlain(int from, int low, int high, int to)
    {
        foreach (var cut in (ReadOnlySpan<int>)['"', '\\'])
        {
            if (cut < low || cut > high) continue;
            if (cut > low) grammar.Read(from, (byte)low, (byte)(cut - 1), to);
            low = cut + 1;
        }

        if (low <= high) grammar.Read(from, (byte)low, (byte)high, to);
    }

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static byte[] Literal<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Compact);
}
