using System.Text;
using AttentionOperator.Tokenization.Regexes;

namespace AttentionOperator.Tokenization.Decoders;

/// <summary>Replaces every match in a whole token.</summary>
internal sealed class ReplaceStage(ISplitPattern pattern, string content) : DecoderStage
{
    private readonly List<PatternMatch> matches = [];

    public override void Push(string chunk, bool startsToken)
    {
        matches.Clear();
        pattern.FindMatches(chunk, matches);
        if (!matches.Exists(m => m.IsMatch))
        {
            Next.Push(chunk, startsToken);
            return;
        }
        var result = new StringBuilder();
        foreach (var match in matches)
        {
            if (match.IsMatch)
                result.Append(content);
            else
                result.Append(chunk, match.Start, match.End - match.Start);
        }
        Next.Push(result.ToString(), startsToken);
    }
}
