using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Normalizers;

/// <summary>Surrounds CJK ideographs by spaces, so that each becomes a word.</summary>
internal sealed class ChineseSpacingNormalizer : ScalarMapNormalizer
{
    protected override bool Keeps(int scalar) => scalar < 0x3400 || !(
        scalar is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
            or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F));

    protected override void Write(int scalar, int source, AlignedTextBuilder builder)
    {
        builder.Append(' ', source);
        builder.AppendScalar(scalar, source);
        builder.Append(' ', source);
    }
}
