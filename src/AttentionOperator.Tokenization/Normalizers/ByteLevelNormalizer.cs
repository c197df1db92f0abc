using System.Text;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Normalizers;

/// <summary>Replaces every byte of the UTF-8 text by its printable stand-in.</summary>
internal sealed class ByteLevelNormalizer : INormalizer
{
    public AlignedText Normalize(AlignedText text)
    {
        var builder = new AlignedTextBuilder(text, text.Length + (text.Length / 2));
        Append(text.Span, 0, text.Length, builder);
        return builder.Build();
    }

    /// <summary>Appends the stand-ins of a range of the builder's source.</summary>
    public static void Append(ReadOnlySpan<char> source, int start, int end, AlignedTextBuilder builder)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (var i = start; i < end;)
        {
            var c = source[i];
            if (c < 0x80)
            {
                builder.Append(ByteAlphabet.CharOf((byte)c), i++);
                continue;
            }
            var scalar = Scalars.At(source, i, out var length);
            var count = new Rune(scalar).EncodeToUtf8(bytes);
            for (var b = 0; b < count; b++)
                builder.Append(ByteAlphabet.CharOf(bytes[b]), i);
            i += length;
        }
    }
}
