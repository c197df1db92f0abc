namespace AttentionOperator.Gateway.Forwarding;

/// <summary>
/// Follows a server-sent event stream without copying it: counts data events and recognises the end mark and error events, across any cut of the bytes.
/// </summary>
internal sealed class SseScanner
{
    private static readonly byte[] DataField = "data:"u8.ToArray();
    private readonly byte[] _head = new byte[24];
    private int _headLength;
    private bool _skipSpace;
    private int _fieldMatched;
    private bool _inData;

    /// <summary>Data events seen, the end mark excluded.</summary>
    public int Events { get; private set; }

    /// <summary>The end mark <c>data: [DONE]</c> was seen.</summary>
    public bool Done { get; private set; }

    /// <summary>An event whose data begins with <c>{"error"</c> was seen.</summary>
    public bool Error { get; private set; }

    /// <summary>True between the first byte of a line and its end: a break here leaves half an event with the client.</summary>
    public bool InLine => _inData || _fieldMatched != 0;

    public void Scan(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            if (b == (byte)'\n')
            {
                EndLine();
            }
            else if (_inData)
            {
                if (_skipSpace && b == (byte)' ') _skipSpace = false;
                else if (_headLength < _head.Length && b != (byte)'\r')
                {
                    _skipSpace = false;
                    _head[_headLength++] = b;
                }
            }
            else if (_fieldMatched >= 0)
            {
                _fieldMatched = b == DataField[_fieldMatched] ? _fieldMatched + 1 : -1;
                if (_fieldMatched == DataField.Length) (_inData, _skipSpace) = (true, true);
            }
        }
    }

    private void EndLine()
    {
        if (_inData)
        {
            var head = _head.AsSpan(0, _headLength);
            if (head.SequenceEqual("[DONE]"u8)) Done = true;
            else if (head.StartsWith("{\"error\""u8)) Error = true;
            else Events++;
        }

        (_inData, _fieldMatched, _headLength) = (false, 0, 0);
    }
}
