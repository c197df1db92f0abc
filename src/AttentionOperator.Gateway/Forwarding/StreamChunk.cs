using System.Text.Json;

namespace AttentionOperator.Gateway.Forwarding;

/// <summary>What one event of a runtime's stream says, and where in its bytes the fields are that are not the client's business.</summary>
internal ref struct StreamChunk
{
    public StreamChunkKind Kind { get; private set; }

    /// <summary>Where the event's JSON begins within its bytes.</summary>
    public int DataStart { get; private set; }

    public string? Id { get; private set; }

    public long Created { get; private set; }

    public bool HasChoices { get; private set; }

    public bool HasTokenIds { get; private set; }

    /// <summary>The choice is over with this chunk.</summary>
    public bool Finishes { get; private set; }

    public TokenUsage? Usage { get; private set; }

    public string? ErrorReason { get; private set; }

    /// <summary>The property <c>token_ids</c> with its comma; positions within the JSON.</summary>
    public Range TokenIdsField { get; private set; }

    /// <summary>The property <c>usage</c> with its comma.</summary>
    public Range UsageField { get; private set; }

    /// <param name="sse">The whole event.</param>
    /// <param name="tokenIds">Gets the chunk's token ids.</param>
    /// <param name="wantsId">Whether id and created are still to be read.</param>
    public static StreamChunk Read(ReadOnlySpan<byte> sse, List<int> tokenIds, bool wantsId)
    {
        var chunk = new StreamChunk();
        if (!TryFindData(sse, out var start, out var data)) return chunk;
        chunk.DataStart = start;
        if (data.SequenceEqual("[DONE]"u8))
        {
            chunk.Kind = StreamChunkKind.Done;
            return chunk;
        }

        try
        {
            chunk.ReadJson(data, tokenIds, wantsId);
        }
        catch (JsonException)
        {
            chunk.Kind = StreamChunkKind.Opaque;
        }

        return chunk;
    }

    private void ReadJson(ReadOnlySpan<byte> json, List<int> tokenIds, bool wantsId)
    {
        Kind = StreamChunkKind.Opaque;
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return;
        Kind = StreamChunkKind.Data;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = (int)reader.TokenStartIndex;
            if (reader.ValueTextEquals("choices"u8)) ReadChoices(ref reader, json, tokenIds);
            else if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                Usage = TokenUsage.Read(ref reader);
                UsageField = WithComma(json, name, (int)reader.BytesConsumed);
            }
            else if (wantsId && reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                Id = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
            else if (wantsId && reader.ValueTextEquals("created"u8))
            {
                reader.Read();
                Created = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var created) ? created : 0;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("error"u8)) ReadError(ref reader);
            else reader.Skip();
        }
    }

    private void ReadChoices(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, List<int> tokenIds)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            HasChoices = true;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = (int)reader.TokenStartIndex;
                if (reader.ValueTextEquals("token_ids"u8)) ReadTokenIds(ref reader, json, name, tokenIds);
                else if (reader.ValueTextEquals("finish_reason"u8))
                {
                    reader.Read();
                    Finishes |= reader.TokenType == JsonTokenType.String;
                    reader.Skip();
                }
                else reader.Skip();
            }
        }
    }

    private void ReadTokenIds(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, int name, List<int> tokenIds)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            HasTokenIds = true;
            while (reader.Read() && reader.TokenType == JsonTokenType.Number) tokenIds.Add(reader.GetInt32());
        }

        TokenIdsField = WithComma(json, name, (int)reader.BytesConsumed);
    }

    private void ReadError(ref Utf8JsonReader reader)
    {
        reader.Read();
        Kind = StreamChunkKind.Error;
        if (reader.TokenType != JsonTokenType.StartObject) return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isReason = reader.ValueTextEquals("reason"u8);
            reader.Read();
            if (isReason && reader.TokenType == JsonTokenType.String) ErrorReason = reader.GetString();
            reader.Skip();
        }
    }

    /// <summary>A property with the comma before it, or the one after it where it is the first.</summary>
    private static Range WithComma(ReadOnlySpan<byte> json, int start, int end)
    {
        var before = start;
        while (before > 0 && IsSpace(json[before - 1])) before--;
        if (before > 0 && json[before - 1] == (byte)',') return new Range(before - 1, end);
        while (end < json.Length && IsSpace(json[end])) end++;
        if (end < json.Length && json[end] == (byte)',') end++;
        return new Range(start, end);
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    /// <summary>The event's only data line. Comments, other fields and events of several data lines are none of the gateway's business.</summary>
    private static bool TryFindData(ReadOnlySpan<byte> sse, out int start, out ReadOnlySpan<byte> data)
    {
        start = 0;
        data = default;
        var found = false;
        for (var at = 0; at < sse.Length;)
        {
            var length = sse[at..].IndexOf((byte)'\n');
            var end = length < 0 ? sse.Length : at + length;
            var line = sse[at..end];
            if (line.StartsWith("data:"u8))
            {
                if (found) return false;
                found = true;
                start = at + 5 + (line.Length > 5 && line[5] == (byte)' ' ? 1 : 0);
                data = sse[start..(end > start && sse[end - 1] == (byte)'\r' ? end - 1 : end)];
            }

            at = end + 1;
        }

        return found;
    }
}
