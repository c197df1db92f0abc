using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Normalizers;

/// <summary>Drops combining marks; with <paramref name="nonSpacingOnly"/> only those of category Mn. Expects decomposed text.</summary>
internal sealed class StripAccentsNormalizer(bool nonSpacingOnly = false) : ScalarMapNormalizer
{
    protected override bool Keeps(int scalar) => scalar < 0x300 || !(nonSpacingOnly ? Scalars.IsNonSpacingMark(scalar) : Scalars.IsMark(scalar));

    protected override void Write(int scalar, int source, AlignedTextBuilder builder)
    {
    }
}
