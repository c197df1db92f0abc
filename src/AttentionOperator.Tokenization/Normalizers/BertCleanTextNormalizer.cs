using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Normalizers;

/// <summary>Drops control characters and turns every white space into a space.</summary>
internal sealed class BertCleanTextNormalizer : ScalarMapNormalizer
{
    protected override bool Keeps(int scalar) => scalar is >= ' ' and < 0x7F
        || (scalar > 0x7F && scalar != 0xFFFD && !Scalars.IsOther(scalar) && !Scalars.IsWhiteSpace(scalar));

    protected override void Write(int scalar, int source, AlignedTextBuilder builder)
    {
        var dropped = scalar is 0 or 0xFFFD || (scalar is not ('\t' or '\n' or '\r') && Scalars.IsOther(scalar));
        if (!dropped)
            builder.Append(' ', source);
    }
}
