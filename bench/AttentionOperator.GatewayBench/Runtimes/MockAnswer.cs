using System.Globalization;
using System.Text;

namespace AttentionOperator.GatewayBench.Runtimes;

/// <summary>What mock runtimes answer: token i of an answer is the text <c>t(i) </c> with the id 100 + i.</summary>
internal static class MockAnswer
{
    public const int FirstId = 100;
    public static readonly byte[] StreamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray();
    public static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();
    public static readonly byte[] Done = Chunk("data: [DONE]\n\n");
    public static readonly byte[] GivenBack = Chunk("data: {\"error\":{\"message\":\"draining\",\"reason\":\"Draining\"}}\n\n");
    public static readonly byte[] Draining = Whole("503 Service Unavailable", "{\"error\":{\"message\":\"draining\"}}", "X-Attention-Reason: Draining\r\nRetry-After: 1\r\n");

    /// <summary>The whole text of an answer of so many tokens.</summary>
    public static string Text(int tokens) => string.Concat(Enumerable.Range(0, tokens).Select(i => string.Create(CultureInfo.InvariantCulture, $"t{i} ")));

    public static byte[] Models(string fingerprint) => Whole("200 OK", $"{{\"object\":\"list\",\"data\":[{{\"id\":\"bench\",\"attention\":{{\"tokenizer_fingerprint\":\"{fingerprint}\"}}}}]}}");

    public static byte[] Complete(in WireRequest request, int promptTokens)
    {
        var text = Text(request.MaxTokens);
        var choice = request.IsChat ? $"\"message\":{{\"role\":\"assistant\",\"content\":\"{text}\"}}" : $"\"text\":\"{text}\"";
        return Whole("200 OK", string.Create(CultureInfo.InvariantCulture, $"{{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":5,\"choices\":[{{\"index\":0,{choice},\"finish_reason\":\"length\"}}],\"usage\":{{\"prompt_tokens\":{promptTokens},\"completion_tokens\":{request.MaxTokens},\"total_tokens\":{promptTokens + request.MaxTokens}}}}}"));
    }

    /// <summary>One event of a stream as an HTTP chunk.</summary>
    public static byte[] Event(in WireRequest request, int token)
    {
        var content = string.Create(CultureInfo.InvariantCulture, $"t{token} ");
        var choice = request.IsChat ? $"\"delta\":{{\"content\":\"{content}\"}}" : $"\"text\":\"{content}\"";
        var finish = token == request.MaxTokens - 1 ? "\"length\"" : "null";
        return Chunk(string.Create(CultureInfo.InvariantCulture, $"data: {{\"id\":\"cmpl-1\",\"object\":\"chunk\",\"created\":5,\"choices\":[{{\"index\":0,{choice},\"finish_reason\":{finish},\"token_ids\":[{FirstId + token}]}}],\"usage\":null}}\n\n"));
    }

    public static byte[] Usage(in WireRequest request, int promptTokens) =>
        Chunk(string.Create(CultureInfo.InvariantCulture, $"data: {{\"id\":\"cmpl-1\",\"choices\":[],\"usage\":{{\"prompt_tokens\":{promptTokens},\"completion_tokens\":{request.MaxTokens},\"total_tokens\":{promptTokens + request.MaxTokens}}}}}\n\n"));

    private static byte[] Whole(string status, string json, string headers = "") =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {json.Length}\r\n\r\n{json}"));

    private static byte[] Chunk(string text) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text.Length:x}\r\n{text}\r\n"));
}
