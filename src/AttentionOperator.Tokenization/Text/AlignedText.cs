namespace AttentionOperator.Tokenization.Text;

/// <summary>
/// Text on its way through the pipeline, with the original range (UTF-16 code units) that each of its code units came from.
/// Untouched text keeps no arrays: its alignment is its position plus a shift.
/// </summary>
internal sealed class AlignedText
{
    private readonly int[]? starts;
    private readonly int[]? ends;
    private readonly int shift;

    private AlignedText(ReadOnlyMemory<char> memory, int shift, int[]? starts, int[]? ends, bool tracks)
    {
        Memory = memory;
        this.shift = shift;
        this.starts = starts;
        this.ends = ends;
        Tracks = tracks;
    }

    public ReadOnlyMemory<char> Memory { get; }

    public ReadOnlySpan<char> Span => Memory.Span;

    public int Length => Memory.Length;

    /// <summary>Whether rewritten text keeps its alignment; counting does without.</summary>
    public bool Tracks { get; }

    public static AlignedText Original(ReadOnlyMemory<char> memory, int shift, bool tracks) => new(memory, shift, null, null, tracks);

    public static AlignedText Rewritten(char[] chars, int length, int[]? starts, int[]? ends, AlignedText source) =>
        new(chars.AsMemory(0, length), source.shift, starts, ends, source.Tracks);

    public AlignedText Slice(int start, int length)
    {
        if (start == 0 && length == Length)
            return this;
        var memory = Memory.Slice(start, length);
        return starts is null
            ? new AlignedText(memory, shift + start, null, null, Tracks)
            : new AlignedText(memory, shift, starts.AsSpan(start, length).ToArray(), ends.AsSpan(start, length).ToArray(), Tracks);
    }

    public int StartOf(int index)
    {
        if (starts is not null)
            return starts[index];
        var span = Span;
        return shift + (index > 0 && char.IsLowSurrogate(span[index]) && char.IsHighSurrogate(span[index - 1]) ? index - 1 : index);
    }

    public int EndOf(int index)
    {
        if (ends is not null)
            return ends[index];
        var span = Span;
        return shift + (index + 1 < span.Length && char.IsHighSurrogate(span[index]) && char.IsLowSurrogate(span[index + 1]) ? index + 2 : index + 1);
    }

    /// <summary>Original range of a non-empty range.</summary>
    public (int Start, int End) OriginalRange(int start, int end) => (StartOf(start), EndOf(end - 1));
}
