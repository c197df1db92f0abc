using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttentionOperator.Gateway.Requests;

/// <summary>Adds the gateway's own fields to a client's body, without reading or writing the rest of it again.</summary>
internal static class UpstreamBody
{
    /// <summary>The body as runtimes get it.</summary>
    /// <param name="body">The client's.</param>
    /// <param name="facts">What is in it.</param>
    /// <param name="addUsage">Ask for the usage of a stream, for the accounts.</param>
    /// <param name="maxTokens">Bound of an answer that the client did not bound; null leaves it to the runtime.</param>
    /// <exception cref="JsonException"><c>stream_options</c> names a field twice.</exception>
    public static ReadOnlyMemory<byte> Build(ReadOnlyMemory<byte> body, in RequestFacts facts, bool addUsage, int? maxTokens)
    {
        var extra = new StringBuilder();
        if (maxTokens is { } bound) extra.Append(CultureInfo.InvariantCulture, $",\"max_tokens\":{bound}");
        if (!addUsage || !facts.Stream || facts.IncludeUsage) return extra.Length == 0 ? body : Insert(body, facts, extra);
        if (facts.StreamOptions.Equals(default(Range))) return Insert(body, facts, extra.Append(",\"stream_options\":{\"include_usage\":true}"));
        var range = facts.StreamOptions;
        var options = OptionsWithUsage(body.Span[range]);
        var replaced = new ArrayBufferWriter<byte>(body.Length + 64);
        replaced.Write(body.Span[..range.Start.Value]);
        replaced.Write(JsonSerializer.SerializeToUtf8Bytes(options));
        var grown = replaced.WrittenCount - range.End.Value;
        replaced.Write(body.Span[range.End.Value..]);
        return extra.Length == 0 ? replaced.WrittenMemory : Insert(replaced.WrittenMemory, facts with { End = facts.End + grown }, extra);
    }

    /// <summary>The body that continues an answer elsewhere (docs/continuation.md).</summary>
    public static ReadOnlyMemory<byte> Continue(ReadOnlyMemory<byte> upstreamBody, string id, long created, IReadOnlyList<int> tokenIds)
    {
        var field = new StringBuilder(",\"attention_continuation\":{\"id\":").Append(JsonSerializer.Serialize(id))
            .Append(CultureInfo.InvariantCulture, $",\"created\":{created},\"token_ids\":[").AppendJoin(',', tokenIds).Append("]}");
        return Insert(upstreamBody, new RequestFacts { End = upstreamBody.Span.LastIndexOf((byte)'}') }, field);
    }

    private static JsonObject OptionsWithUsage(ReadOnlySpan<byte> json)
    {
        try
        {
            var options = JsonNode.Parse(json)!.AsObject();
            options["include_usage"] = true;
            return options;
        }
        catch (ArgumentException)
        {
            throw new JsonException("A field of stream_options occurs twice.");
        }
    }

    private static ReadOnlyMemory<byte> Insert(ReadOnlyMemory<byte> body, in RequestFacts facts, StringBuilder fields)
    {
        var text = fields.ToString(facts.IsEmpty ? 1 : 0, fields.Length - (facts.IsEmpty ? 1 : 0));
        var result = new byte[body.Length + Encoding.UTF8.GetByteCount(text)];
        body.Span[..facts.End].CopyTo(result);
        var written = Encoding.UTF8.GetBytes(text, result.AsSpan(facts.End));
        body.Span[facts.End..].CopyTo(result.AsSpan(facts.End + written));
        return result;
    }
}
