using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Normalizers;

internal interface INormalizer
{
    AlignedText Normalize(AlignedText text);

    /// <summary>How many tokens the text can come to mean; null where no bound is known.</summary>
    /// <param name="cost">Most tokens that a piece of text can become.</param>
    LengthBound? Bound(Func<string, int> cost) => null;
}
