using System.Buffers;

namespace AttentionOperator.AggregatedMetrics;

/// <summary>A label selector in its string form: <c>a=b,c!=d,e in (f,g),h notin (i),j,!k</c>.</summary>
internal sealed class LabelSelector
{
    public static readonly LabelSelector Everything = new([]);

    private static readonly SearchValues<char> Punctuation = SearchValues.Create(" ()!=,");

    private readonly IReadOnlyList<Term> terms;

    private LabelSelector(IReadOnlyList<Term> terms) => this.terms = terms;

    /// <exception cref="FormatException">The text is no selector.</exception>
    public static LabelSelector Parse(string? text) => string.IsNullOrWhiteSpace(text) ? Everything : new LabelSelector([.. Split(text).Select(ParseTerm)]);

    public bool Matches(IReadOnlyDictionary<string, string> labels) => terms.All(term => term.Matches(labels));

    /// <summary>At commas that are not inside parentheses.</summary>
    private static IEnumerable<string> Split(string text)
    {
        var (depth, start) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (text[i] == ',' && depth == 0)
            {
                yield return text[start..i].Trim();
                start = i + 1;
            }
        }

        yield return text[start..].Trim();
    }

    private static Term ParseTerm(string text)
    {
        var words = text.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
        if (words is [var key, "in" or "notin", var list] && list.StartsWith('(') && list.EndsWith(')'))
        {
            var values = list[1..^1].Split(',', StringSplitOptions.TrimEntries);
            return new Term(Key(key, text), words[1] == "in" ? Relation.In : Relation.NotIn, values);
        }

        if (text.IndexOf("!=", StringComparison.Ordinal) is > 0 and var unequal)
        {
            return new Term(Key(text[..unequal], text), Relation.NotIn, [text[(unequal + 2)..].Trim()]);
        }

        if (text.IndexOf('=', StringComparison.Ordinal) is > 0 and var equal)
        {
            return new Term(Key(text[..equal], text), Relation.In, [text[(equal + 1)..].TrimStart('=').Trim()]);
        }

        return text.StartsWith('!') ? new Term(Key(text[1..], text), Relation.Absent, []) : new Term(Key(text, text), Relation.Present, []);
    }

    private static string Key(string key, string term) =>
        key.Trim() is { Length: > 0 } trimmed && !trimmed.AsSpan().ContainsAny(Punctuation) ? trimmed : throw new FormatException($"'{term}' is no term of a label selector");

    private enum Relation
    {
        In,
        NotIn,
        Present,
        Absent,
    }

    private sealed record Term(string Key, Relation Relation, IReadOnlyCollection<string> Values)
    {
        public bool Matches(IReadOnlyDictionary<string, string> labels) => Relation switch
        {
            Relation.In => labels.TryGetValue(Key, out var value) && Values.Contains(value),
            Relation.NotIn => !labels.TryGetValue(Key, out var value) || !Values.Contains(value),
            Relation.Present => labels.ContainsKey(Key),
            _ => !labels.ContainsKey(Key),
        };
    }
}
