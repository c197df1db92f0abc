using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Reads request bodies: JSON, or YAML where its media type says so.</summary>
internal static class RequestBody
{
    private const int MaximumBytes = 3 * 1024 * 1024;

    public static async Task<byte[]> ReadBytesAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted).ConfigureAwait(false);
        if (buffer.Length > MaximumBytes)
            throw new ApiException(413, "RequestEntityTooLarge", $"Request entity too large: limit is {MaximumBytes}", new JsonObject());
        return buffer.ToArray();
    }

    public static async Task<JsonObject> ReadObjectAsync(HttpContext context, List<string> duplicates)
    {
        return ParseObject(context, await ReadBytesAsync(context).ConfigureAwait(false), duplicates);
    }

    public static JsonObject ParseObject(HttpContext context, byte[] bytes, List<string> duplicates)
    {
        var type = MediaType(context);
        if (type == "application/vnd.kubernetes.protobuf") return Protobuf.ProtobufDecoder.Decode(bytes, Protobuf.ProtobufSchemas.Find);
        if (type is not ("" or "application/json" or "application/yaml" or "*/*" or "application/x-www-form-urlencoded"))
        {
            throw ApiErrors.UnsupportedMediaType(
                $"the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf");
        }

        return Parse(bytes, type == "application/yaml", duplicates) as JsonObject
            ?? throw ApiErrors.BadRequest("couldn't get version/kind; json parse error: json: cannot unmarshal into Go value of type struct");
    }

    public static JsonNode? Parse(byte[] bytes, bool yaml, List<string>? duplicates = null)
    {
        try
        {
            return yaml ? ParseYaml(bytes) : JsonReading.Parse(bytes, duplicates);
        }
        catch (JsonException e)
        {
            throw ApiErrors.BadRequest($"the object provided is unrecognized (must be of type JSON): {e.Message}");
        }
    }

    // Most clients send JSON where YAML is allowed; reading that as YAML costs twenty times as much.
    private static JsonNode? ParseYaml(byte[] bytes)
    {
        if (bytes is [(byte)'{', ..])
        {
            try
            {
                return JsonReading.Parse(bytes);
            }
            catch (JsonException)
            {
                // A flow mapping that is not JSON.
            }
        }

        return YamlReading.Parse(Encoding.UTF8.GetString(bytes));
    }

    public static string MediaType(HttpContext context) => (context.Request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();
}
