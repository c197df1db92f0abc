using AttentionOperator.Tokenization;

namespace AttentionOperator.Inference.Engine;

/// <summary>Text of one answer: tokens to characters, and stop strings out of them.</summary>
internal sealed class TextAssembler(IStreamDecoder decoder, StopMatcher? matcher)
{
    /// <param name="id">The next token.</param>
    /// <param name="mayStop">False while stop strings do not count yet.</param>
    /// <param name="stopped">A stop string was completed.</param>
    public string Push(int id, bool mayStop, out bool stopped)
    {
        stopped = false;
        var text = decoder.Push(id);
        if (matcher is null) return text;
        return mayStop ? matcher.Push(text, out stopped) : matcher.Flush() + text;
    }

    /// <summary>What is left at the end: incomplete characters, and held text that turned out to be no stop string.</summary>
    public string Flush(out bool stopped)
    {
        stopped = false;
        var text = decoder.Flush();
        return matcher is null ? text : matcher.Push(text, out stopped) + (stopped ? "" : matcher.Flush());
    }
}
