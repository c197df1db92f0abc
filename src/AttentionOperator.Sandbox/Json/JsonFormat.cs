using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttentionOperator.Sandbox.Json;

/// <summary>How the Sandbox writes JSON: compact, and without escaping what Kubernetes leaves alone.</summary>
internal static class JsonFormat
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonSerializerOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] ToUtf8(JsonNode node)
    {
        using var buffer = new MemoryStream(512);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
            node.WriteTo(writer, Options);
        return buffer.ToArray();
    }

    public static string ToText(JsonNode? node) => node is null ? "null" : node.ToJsonString(Options);
}
