using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Normalizers;

/// <summary>The clean-up of neural machine translation corpora: control characters dropped, odd spaces turned into spaces.</summary>
internal sealed class NmtNormalizer : ScalarMapNormalizer
{
    protected override bool Keeps(int scalar) => !IsDropped(scalar) && !IsSpace(scalar);

    protected override void Write(int scalar, int source, AlignedTextBuilder builder)
    {
        if (IsSpace(scalar))
            builder.Append(' ', source);
    }

    private static bool IsDropped(int scalar) =>
        scalar is (>= 0x01 and <= 0x08) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F;

    private static bool IsSpace(int scalar) =>
        scalar is 0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD;
}
