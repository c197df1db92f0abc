using System.Globalization;

namespace AttentionOperator.Sandbox.Api;

/// <summary>The string form of label selectors: <c>a=b, c!=d, e in (f,g), h notin (i), j, !k, l&gt;1</c>.</summary>
internal sealed class LabelSelector
{
    private readonly List<Requirement> _requirements;

    private LabelSelector(List<Requirement> requirements) => _requirements = requirements;

    public static LabelSelector Everything { get; } = new([]);

    public bool IsEmpty => _requirements.Count == 0;

    public bool Matches(IReadOnlyDictionary<string, string> labels) => _requirements.TrueForAll(r => r.Matches(labels));

    public static LabelSelector Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return Everything;
        var requirements = new List<Requirement>();
        foreach (var part in SplitTop(text)) requirements.Add(ParseRequirement(part.Trim(), text));
        return new LabelSelector(requirements);
    }

    private static Requirement ParseRequirement(string part, string whole)
    {
        if (part.Length == 0) throw Malformed(whole, "found '', expected: identifier");
        if (part[0] == '!') return new Requirement(Key(part[1..].Trim(), whole), Operator.NotExists, []);
        var open = part.IndexOf('(', StringComparison.Ordinal);
        if (open >= 0)
        {
            var head = part[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (head is not [var key, "in" or "notin"] || part[^1] != ')') throw Malformed(whole, $"found '{part}', expected: in, notin");
            var values = part[(open + 1)..^1].Split(',').Select(v => v.Trim()).ToArray();
            return new Requirement(Key(key, whole), head[1] == "in" ? Operator.In : Operator.NotIn, [.. values.Select(v => Value(v, whole))]);
        }

        foreach (var (token, op) in Infix)
        {
            var at = part.IndexOf(token, StringComparison.Ordinal);
            if (at <= 0) continue;
            var value = Value(part[(at + token.Length)..].Trim(), whole);
            if (op is Operator.Greater or Operator.Less && !long.TryParse(value, CultureInfo.InvariantCulture, out _))
                throw Malformed(whole, $"'{value}': for 'Gt', 'Lt' operators, the value must be an integer");
            return new Requirement(Key(part[..at].Trim(), whole), op, [value]);
        }

        return new Requirement(Key(part, whole), Operator.Exists, []);
    }

    private static readonly (string Token, Operator Operator)[] Infix =
        [("!=", Operator.NotIn), ("==", Operator.In), ("=", Operator.In), (">", Operator.Greater), ("<", Operator.Less)];

    private static IEnumerable<string> SplitTop(string text)
    {
        var depth = 0;
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '(') depth++;
            else if (text[i] == ')') depth--;
            else if (text[i] == ',' && depth == 0)
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }

    private static string Key(string key, string whole) =>
        NameRules.IsQualifiedName(key) ? key : throw Malformed(whole, $"'{key}' is not a valid label key");

    private static string Value(string value, string whole) =>
        value.Length == 0 || (value.Length <= 63 && NameRules.IsLabelValue(value)) ? value : throw Malformed(whole, $"'{value}' is not a valid label value");

    private static ApiException Malformed(string selector, string reason) =>
        ApiErrors.BadRequest($"unable to parse requirement: {reason} (selector \"{selector}\")");

    private enum Operator
    {
        In,
        NotIn,
        Exists,
        NotExists,
        Greater,
        Less,
    }

    private sealed record Requirement(string Key, Operator Operator, string[] Values)
    {
        public bool Matches(IReadOnlyDictionary<string, string> labels)
        {
            var present = labels.TryGetValue(Key, out var value);
            return Operator switch
            {
                Operator.In => present && Values.Contains(value),
                Operator.NotIn => !present || !Values.Contains(value),
                Operator.Exists => present,
                Operator.NotExists => !present,
                Operator.Greater => present && Compare(value!) > 0,
                _ => present && Compare(value!) < 0,
            };
        }

        private int Compare(string value) =>
            long.TryParse(value, CultureInfo.InvariantCulture, out var left) && long.TryParse(Values[0], CultureInfo.InvariantCulture, out var right) ? left.CompareTo(right) : 0;
    }
}
