using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Runtime.Serving;

/// <summary>Turns one choice's events into deltas.</summary>
internal sealed class ChoiceState(int index, ToolCallFormat toolCalls, int? toolMarkerId, bool logProbs, bool tokenIds, bool resumed, string? announcedCall = null)
{
    private readonly ToolCallReader? _tools = ReaderOf(toolCalls, announcedCall);
    private bool _first = !resumed;
    private int _offset;
    private List<int>? _ids;
    private List<TokenLogProb?>? _logProbs;

    public int Tokens { get; private set; }

    public bool Finished { get; private set; }

    /// <summary>Text before the answer (echo), with the log-probabilities of its tokens.</summary>
    public ChoiceDelta Prefix(string text, IReadOnlyList<TokenLogProb?>? probabilities)
    {
        var delta = Delta(text);
        if (logProbs && probabilities is not null) delta.LogProbs = [.. probabilities];
        return delta;
    }

    /// <summary>The delta of an event; null where there is nothing to send yet.</summary>
    /// <param name="item">The event.</param>
    /// <param name="isEndToken">The token ended the answer and is no part of it.</param>
    public ChoiceDelta? Push(GenerationEvent item, bool isEndToken)
    {
        if (item.TokenId >= 0) Tokens++;
        if (tokenIds && item.TokenId >= 0) (_ids ??= []).Add(item.TokenId);
        if (logProbs && item.LogProb is not null && !isEndToken) (_logProbs ??= []).Add(item.LogProb);
        var text = item.Text;
        if (_tools is not null)
        {
            // Where the marker is a special token, the decoder has left it out of the text.
            if (toolMarkerId is not null && item.TokenId == toolMarkerId) text = ToolCallFormats.MarkerOf(toolCalls) + text;
            text = _tools.Push(text);
        }

        if (item.Finish is not { } finish)
        {
            // Tokens without text wait for the next text: ids and text of a chunk belong together.
            if (text.Length == 0 && _logProbs is null) return null;
            return Delta(text);
        }

        Finished = true;
        IReadOnlyList<ToolCall> calls = [];
        if (_tools is not null)
        {
            (calls, var held) = _tools.Finish();
            text += held;
        }

        var last = Delta(text);
        last.ToolCalls = calls;
        last.FinishReason = finish == FinishReason.Length ? "length" : calls.Count > 0 ? "tool_calls" : "stop";
        return last;
    }

    private static ToolCallReader? ReaderOf(ToolCallFormat format, string? announced)
    {
        if (format == ToolCallFormat.None) return null;
        var reader = new ToolCallReader(format);
        if (announced is not null) reader.Push(announced);
        return reader;
    }

    private ChoiceDelta Delta(string text)
    {
        var delta = new ChoiceDelta
        {
            Index = index,
            Text = text,
            TokenIds = tokenIds ? _ids ?? [] : null,
            LogProbs = logProbs ? _logProbs ?? [] : null,
            IsFirst = _first,
            TextOffset = _offset,
        };
        _first = false;
        _offset += text.Length;
        _ids = null;
        _logProbs = null;
        return delta;
    }
}
