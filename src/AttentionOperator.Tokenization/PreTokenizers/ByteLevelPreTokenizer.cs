using AttentionOperator.Tokenization.Normalizers;
using AttentionOperator.Tokenization.Regexes;

namespace AttentionOperator.Tokenization.PreTokenizers;

/// <summary>Cuts into words as GPT-2 does (optional), then replaces every byte by its stand-in.</summary>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool useRegex) : IPreTokenizer
{
    private static readonly Lazy<RegexPattern> Words = new(() => RegexPattern.Compile(
        @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"));

    public bool KeepsEverything => true;

    public string Prefix => addPrefixSpace ? " " : "";

    public bool IsByteLevel => true;

    public void Apply(PreTokenizedText text)
    {
        if (addPrefixSpace && text.Pieces.Exists(p => text.Text.Span[p.Start] != ' '))
        {
            text.Rewrite((source, piece, builder) =>
            {
                if (source.Span[piece.Start] != ' ')
                    builder.Append(' ', piece.Start);
                builder.Copy(piece.Start, piece.End);
            });
        }
        if (useRegex)
            text.Split(Words.Value, SplitBehavior.Isolated);
        text.Rewrite((source, piece, builder) => ByteLevelNormalizer.Append(source.Span, piece.Start, piece.End, builder));
    }
}
