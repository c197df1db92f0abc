using AttentionOperator.Tokenization.Regexes;

namespace AttentionOperator.Tokenization.PreTokenizers;

/// <summary>Replaces spaces by a visible character, puts one in front, and cuts before each.</summary>
internal sealed class MetaspacePreTokenizer(char replacement, PrependScheme scheme, bool split) : IPreTokenizer
{
    private readonly ScalarPattern pattern = new(scalar => scalar == replacement);

    public bool KeepsEverything => true;

    public string Prefix => scheme == PrependScheme.Never ? "" : Replacement;

    public string Replacement => replacement.ToString();

    public bool NeedsAlignment => scheme == PrependScheme.First;

    public void Apply(PreTokenizedText text)
    {
        text.Rewrite((source, piece, builder) =>
        {
            var span = source.Span;
            var prepends = scheme == PrependScheme.Always || (scheme == PrependScheme.First && source.StartOf(piece.Start) == 0);
            if (prepends && span[piece.Start] != ' ' && span[piece.Start] != replacement)
                builder.Append(replacement, piece.Start);
            for (var i = piece.Start; i < piece.End; i++)
                builder.Append(span[i] == ' ' ? replacement : span[i], i);
        });
        if (split)
            text.Split(pattern, SplitBehavior.MergedWithNext);
    }
}
