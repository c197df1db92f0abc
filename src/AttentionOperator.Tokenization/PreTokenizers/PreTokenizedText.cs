using AttentionOperator.Tokenization.Regexes;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.PreTokenizers;

/// <summary>Text cut into pieces; pre-tokenizers cut further or rewrite.</summary>
internal sealed class PreTokenizedText
{
    private readonly List<PatternMatch> matches = [];
    private List<Piece> spare = [];

    public PreTokenizedText(AlignedText text)
    {
        Text = text;
        if (text.Length > 0)
            Pieces.Add(new Piece(0, text.Length));
    }

    public AlignedText Text { get; private set; }

    public List<Piece> Pieces { get; private set; } = [];

    /// <summary>Cuts every piece at the pattern.</summary>
    public void Split(ISplitPattern pattern, SplitBehavior behavior, bool invert = false)
    {
        spare.Clear();
        var span = Text.Span;
        foreach (var piece in Pieces)
        {
            matches.Clear();
            pattern.FindMatches(span[piece.Start..piece.End], matches);
            SplitBehaviors.Apply(matches, behavior, invert, piece.Start, spare);
        }
        (Pieces, spare) = (spare, Pieces);
    }

    /// <summary>Rewrites every piece; the callback appends the new text of one piece.</summary>
    public void Rewrite(Action<AlignedText, Piece, AlignedTextBuilder> rewrite)
    {
        var builder = new AlignedTextBuilder(Text, Text.Length + (Text.Length / 4) + 4);
        spare.Clear();
        foreach (var piece in Pieces)
        {
            var start = builder.Length;
            rewrite(Text, piece, builder);
            if (builder.Length > start)
                spare.Add(new Piece(start, builder.Length));
        }
        Text = builder.Build();
        (Pieces, spare) = (spare, Pieces);
    }
}
