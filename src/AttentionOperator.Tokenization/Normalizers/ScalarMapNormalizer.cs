using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Normalizers;

/// <summary>Steps that map each scalar on its own: dropped, replaced, or surrounded by spaces.</summary>
internal abstract class ScalarMapNormalizer : INormalizer
{
    public AlignedText Normalize(AlignedText text)
    {
        var span = text.Span;
        AlignedTextBuilder? builder = null;
        var clean = 0;
        for (var i = 0; i < span.Length;)
        {
            var scalar = Scalars.At(span, i, out var length);
            if (!Keeps(scalar))
            {
                builder ??= new AlignedTextBuilder(text, span.Length + 16);
                builder.Copy(clean, i);
                Write(scalar, i, builder);
                clean = i + length;
            }
            i += length;
        }
        if (builder is null)
            return text;
        builder.Copy(clean, span.Length);
        return builder.Build();
    }

    /// <summary>Whether the scalar stays as it is.</summary>
    protected abstract bool Keeps(int scalar);

    /// <summary>Writes what replaces a scalar that does not stay.</summary>
    protected abstract void Write(int scalar, int source, AlignedTextBuilder builder);
}
