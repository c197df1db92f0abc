using System.Text;

namespace AttentionOperator.Runtime.Evaluation;

/// <summary>Scores of an answer against the expected one, 0 to 1. Words are lower-cased runs of letters and digits, so they suit any language that parts words.</summary>
internal static class TextScores
{
    /// <summary>1 where both are equal but for white space around them.</summary>
    public static double ExactMatch(string answer, string expected) => answer.AsSpan().Trim().SequenceEqual(expected.AsSpan().Trim()) ? 1 : 0;

    /// <summary>Harmonic mean of precision and recall of words as bags, as SQuAD scores answers (Rajpurkar et al., 2016; articles are kept).</summary>
    public static double F1(string answer, string expected)
    {
        var (given, wanted) = (Words(answer), Words(expected));
        var left = wanted.CountBy(word => word, StringComparer.Ordinal).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        var common = 0;
        foreach (var word in given)
        {
            if (left.TryGetValue(word, out var count) && count > 0)
            {
                left[word] = count - 1;
                common++;
            }
        }

        return Mean(common, given.Count, wanted.Count);
    }

    /// <summary>The same of the longest common subsequence of words: ROUGE-L with β = 1 (Lin, 2004).</summary>
    public static double RougeL(string answer, string expected)
    {
        var (given, wanted) = (Words(answer), Words(expected));
        var row = new int[wanted.Count + 1];
        foreach (var word in given)
        {
            var diagonal = 0;
            for (var i = 1; i <= wanted.Count; i++)
            {
                var above = row[i];
                row[i] = word == wanted[i - 1] ? diagonal + 1 : Math.Max(above, row[i - 1]);
                diagonal = above;
            }
        }

        return Mean(row[^1], given.Count, wanted.Count);
    }

    /// <summary>Cosine of two vectors, -1 to 1; 0 where one has no length or they differ in dimensions.</summary>
    public static double Cosine(IReadOnlyList<double> left, IReadOnlyList<double> right)
    {
        if (left.Count != right.Count) return 0;
        double dot = 0, l = 0, r = 0;
        for (var i = 0; i < left.Count; i++)
        {
            dot += left[i] * right[i];
            l += left[i] * left[i];
            r += right[i] * right[i];
        }

        return l == 0 || r == 0 ? 0 : dot / Math.Sqrt(l * r);
    }

    private static double Mean(int common, int given, int wanted) =>
        given == 0 && wanted == 0 ? 1 : common == 0 ? 0 : 2.0 * common / (given + wanted);

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                word.Append(Rune.ToLowerInvariant(rune).ToString());
            }
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        if (word.Length > 0) words.Add(word.ToString());
        return words;
    }
}
