namespace AttentionOperator.Tokenization.Text;

/// <summary>Builds rewritten text; every appended code unit takes the alignment of one code unit of the source.</summary>
internal sealed class AlignedTextBuilder(AlignedText source, int capacity)
{
    private char[] chars = new char[Math.Max(capacity, 4)];
    private int[]? starts = source.Tracks ? new int[Math.Max(capacity, 4)] : null;
    private int[]? ends = source.Tracks ? new int[Math.Max(capacity, 4)] : null;

    public int Length { get; private set; }

    public ReadOnlySpan<char> Span => chars.AsSpan(0, Length);

    public void Append(char c, int sourceIndex)
    {
        if (Length == chars.Length)
            Grow(1);
        chars[Length] = c;
        if (starts is not null)
        {
            starts[Length] = source.StartOf(sourceIndex);
            ends![Length] = source.EndOf(sourceIndex);
        }
        Length++;
    }

    public void Append(ReadOnlySpan<char> text, int sourceIndex)
    {
        foreach (var c in text)
            Append(c, sourceIndex);
    }

    public void AppendScalar(int scalar, int sourceIndex)
    {
        if (scalar < 0x10000)
        {
            Append((char)scalar, sourceIndex);
            return;
        }
        Append((char)(0xD800 + ((scalar - 0x10000) >> 10)), sourceIndex);
        Append((char)(0xDC00 + ((scalar - 0x10000) & 0x3FF)), sourceIndex);
    }

    /// <summary>Copies a range of the source unchanged.</summary>
    public void Copy(int start, int end)
    {
        if (Length + end - start > chars.Length)
            Grow(end - start);
        source.Span[start..end].CopyTo(chars.AsSpan(Length));
        if (starts is not null)
        {
            for (var i = start; i < end; i++)
            {
                starts[Length + i - start] = source.StartOf(i);
                ends![Length + i - start] = source.EndOf(i);
            }
        }
        Length += end - start;
    }

    public AlignedText Build() => AlignedText.Rewritten(chars, Length, starts, ends, source);

    private void Grow(int needed)
    {
        var size = Math.Max(chars.Length * 2, chars.Length + needed);
        Array.Resize(ref chars, size);
        if (starts is not null)
        {
            Array.Resize(ref starts, size);
            Array.Resize(ref ends, size);
        }
    }
}
