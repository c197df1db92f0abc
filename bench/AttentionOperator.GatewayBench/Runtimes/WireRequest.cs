using System.Buffers.Text;

namespace AttentionOperator.GatewayBench.Runtimes;

/// <summary>What a mock runtime has to know of a request, found by looking for bytes: it must cost next to nothing.</summary>
/// <param name="IsModels">It asks for <c>/v1/models</c>.</param>
/// <param name="IsChat">A conversation.</param>
/// <param name="Streams">The answer is a stream.</param>
/// <param name="WantsUsage">The stream ends with the usage.</param>
/// <param name="MaxTokens">Tokens to answer with.</param>
/// <param name="Continued">Tokens that another pod has generated already; -1 = it is no continuation.</param>
internal readonly record struct WireRequest(bool IsModels, bool IsChat, bool Streams, bool WantsUsage, int MaxTokens, int Continued)
{
    private const int DefaultTokens = 16;

    public static WireRequest Read(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body) => new(
        head.StartsWith("GET "u8),
        head.StartsWith("POST /v1/chat/"u8),
        body.IndexOf("\"stream\":true"u8) >= 0,
        body.IndexOf("\"include_usage\":true"u8) >= 0,
        Number(body, "\"max_tokens\":"u8) ?? DefaultTokens,
        Ids(body));

    /// <summary>Some proxies write the names of headers in lower case.</summary>
    public static int BodyLength(ReadOnlySpan<byte> head) => Number(head, "Content-Length:"u8) ?? Number(head, "content-length:"u8) ?? 0;

    private static int? Number(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name)
    {
        var at = bytes.IndexOf(name);
        if (at < 0)
        {
            return null;
        }

        var rest = bytes[(at + name.Length)..].TrimStart((byte)' ');
        return Utf8Parser.TryParse(rest, out int number, out _) ? number : null;
    }

    private static int Ids(ReadOnlySpan<byte> body)
    {
        var at = body.LastIndexOf("\"attention_continuation\":"u8);
        if (at < 0)
        {
            return -1;
        }

        var ids = body[at..];
        ids = ids[(ids.IndexOf((byte)'[') + 1)..ids.IndexOf((byte)']')];
        return ids.IsEmpty ? 0 : ids.Count((byte)',') + 1;
    }
}
