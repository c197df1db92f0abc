namespace AttentionOperator.Gateway.Forwarding;

/// <summary>What is known of one client's stream, over all the runtimes that wrote a part of it.</summary>
internal sealed class AnswerStream(bool clientWantsUsage, bool canAskUsage)
{
    private readonly List<int> _tokenIds = [];

    public string? Id { get; private set; }

    public long Created { get; private set; }

    /// <summary>Ids of everything that the client has completely.</summary>
    public IReadOnlyList<int> TokenIds => _tokenIds;

    public TokenUsage? Usage { get; private set; }

    /// <summary>Chunks with choices that went to the client.</summary>
    public int Chunks { get; private set; }

    /// <summary>The client has the last choice; at most the usage and the end mark are missing.</summary>
    public bool Finished { get; private set; }

    /// <summary>Ids and text tell the whole state, so another pod can go on (docs/continuation.md).</summary>
    public bool CanContinue { get; private set; } = true;

    /// <summary>Token ids and, unless the client asked for it, usage: taken out of what the client gets.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Take(ReadOnlyMemory<byte> sse, out StreamChunkKind kind, out string? errorReason)
    {
        var known = _tokenIds.Count;
        var chunk = StreamChunk.Read(sse.Span, _tokenIds, Id is null);
        (kind, errorReason) = (chunk.Kind, chunk.ErrorReason);
        if (chunk.Kind is StreamChunkKind.Opaque)
        {
            CanContinue = false;
            return [sse];
        }

        if (chunk.Kind != StreamChunkKind.Data) return [sse];
        if (Finished && chunk.HasChoices)
        {
            // The pod that continues a finished answer says its end again.
            _tokenIds.RemoveRange(known, _tokenIds.Count - known);
            return [];
        }

        if (Id is null && chunk.Id is not null) (Id, Created) = (chunk.Id, chunk.Created);
        Usage = chunk.Usage ?? Usage;
        if (chunk.HasChoices)
        {
            Chunks++;
            if (!chunk.HasTokenIds) CanContinue = false;
        }

        Finished |= chunk.Finishes;
        if (!chunk.HasChoices && chunk.Usage is not null && canAskUsage && !clientWantsUsage) return [];
        var cutUsage = canAskUsage && !clientWantsUsage ? chunk.UsageField : default;
        return Cut(sse, chunk.DataStart, chunk.TokenIdsField, cutUsage);
    }

    private static List<ReadOnlyMemory<byte>> Cut(ReadOnlyMemory<byte> sse, int dataStart, Range first, Range second)
    {
        if (first.Start.Value > second.Start.Value) (first, second) = (second, first);
        var pieces = new List<ReadOnlyMemory<byte>>(3);
        var at = 0;
        foreach (var range in (ReadOnlySpan<Range>)[first, second])
        {
            if (range.Equals(default(Range))) continue;
            pieces.Add(sse[at..(dataStart + range.Start.Value)]);
            at = dataStart + range.End.Value;
        }

        pieces.Add(sse[at..]);
        return pieces;
    }
}
