using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Normalizers;

internal sealed class LowercaseNormalizer : ScalarMapNormalizer
{
    private const int CapitalIWithDot = 0x130;

    protected override bool Keeps(int scalar) => scalar != CapitalIWithDot && Scalars.ToLower(scalar) == scalar;

    protected override void Write(int scalar, int source, AlignedTextBuilder builder)
    {
        // The only scalar whose lower-case mapping is two scalars.
        if (scalar == CapitalIWithDot)
            builder.Append("i\u0307", source);
        else
            builder.AppendScalar(Scalars.ToLower(scalar), source);
    }
}
