using System.Globalization;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Normalizers;

/// <summary>SentencePiece's compiled normalization: grapheme by grapheme, then character by character.</summary>
internal sealed class PrecompiledNormalizer(CharacterMap map) : INormalizer
{
    // Longer graphemes are looked up character by character only.
    private const int LongestGraphemeBytes = 5;

    public AlignedText Normalize(AlignedText text)
    {
        var span = text.Span;
        AlignedTextBuilder? builder = null;
        var clean = 0;
        for (var i = 0; i < span.Length;)
        {
            var length = GraphemeLength(span, i);
            var grapheme = span.Slice(i, length);
            if (Scalars.Utf8Length(grapheme) <= LongestGraphemeBytes && map.Find(grapheme) is { } whole)
            {
                Replace(i, length, whole);
            }
            else
            {
                for (var at = i; at < i + length;)
                {
                    var size = Scalars.LengthAt(span, at);
                    if (map.Find(span.Slice(at, size)) is { } replacement)
                        Replace(at, size, replacement);
                    at += size;
                }
            }
            i += length;
        }
        if (builder is null)
            return text;
        builder.Copy(clean, span.Length);
        return builder.Build();

        void Replace(int start, int length, string replacement)
        {
            builder ??= new AlignedTextBuilder(text, text.Length + 16);
            builder.Copy(clean, start);
            // One for one as far as both go; what is added shares the alignment of the last character.
            var source = start;
            for (var k = 0; k < replacement.Length;)
            {
                var size = Scalars.LengthAt(replacement, k);
                builder.Append(replacement.AsSpan(k, size), Math.Min(source, start + length - 1));
                k += size;
                source = source >= start + length ? source : source + Scalars.LengthAt(text.Span, source);
            }
            clean = start + length;
        }
    }

    private static int GraphemeLength(ReadOnlySpan<char> span, int index)
    {
        // Two ASCII characters never join, except CR LF.
        if (span[index] is >= ' ' and < '\u007F' && (index + 1 == span.Length || span[index + 1] is >= ' ' and < '\u007F'))
            return 1;
        return StringInfo.GetNextTextElementLength(span[index..]);
    }
}
