using AttentionOperator.Tokenization.Json;
using AttentionOperator.Tokenization.Regexes;

namespace AttentionOperator.Tokenization.PreTokenizers;

internal static class SplitBehaviors
{
    public static SplitBehavior Read(JsonField field) => field.AsString() switch
    {
        "Removed" => SplitBehavior.Removed,
        "Isolated" => SplitBehavior.Isolated,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        var other => throw field.Error($"the behavior '{other}' is not one of Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous"),
    };

    /// <summary>Turns consecutive ranges into pieces; empty ones are dropped.</summary>
    public static void Apply(List<PatternMatch> matches, SplitBehavior behavior, bool invert, int offset, List<Piece> pieces)
    {
        var first = pieces.Count;
        switch (behavior)
        {
            case SplitBehavior.Removed:
                foreach (var match in matches)
                {
                    if (match.IsMatch == invert)
                        pieces.Add(new Piece(match.Start + offset, match.End + offset));
                }
                break;
            case SplitBehavior.Isolated:
                foreach (var match in matches)
                    pieces.Add(new Piece(match.Start + offset, match.End + offset));
                break;
            case SplitBehavior.Contiguous:
                Merge((isMatch, previous) => isMatch == previous);
                break;
            case SplitBehavior.MergedWithPrevious:
                Merge((isMatch, previous) => isMatch && !previous);
                break;
            case SplitBehavior.MergedWithNext:
                MergeWithNext();
                break;
            default:
                throw new InvalidOperationException($"Unknown behavior {behavior}.");
        }

        void Merge(Func<bool, bool, bool> joins)
        {
            var previous = false;
            foreach (var match in matches)
            {
                var isMatch = match.IsMatch != invert;
                if (joins(isMatch, previous) && pieces.Count > first)
                    pieces[^1] = pieces[^1] with { End = match.End + offset };
                else
                    pieces.Add(new Piece(match.Start + offset, match.End + offset));
                previous = isMatch;
            }
        }

        void MergeWithNext()
        {
            var previous = false;
            for (var i = matches.Count - 1; i >= 0; i--)
            {
                var isMatch = matches[i].IsMatch != invert;
                if (isMatch && !previous && pieces.Count > first)
                    pieces[^1] = pieces[^1] with { Start = matches[i].Start + offset };
                else
                    pieces.Add(new Piece(matches[i].Start + offset, matches[i].End + offset));
                previous = isMatch;
            }
            pieces.Reverse(first, pieces.Count - first);
        }
    }
}
