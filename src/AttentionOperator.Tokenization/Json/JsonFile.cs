using System.Text.Json;

namespace AttentionOperator.Tokenization.Json;

/// <summary>Reads a whole JSON file under bounds; the document stays open as long as its fields are used.</summary>
internal sealed class JsonFile : IDisposable
{
    // The largest published tokenizer.json is about 35 MB.
    private const long MaximumBytes = 256L << 20;

    private readonly JsonDocument document;

    private JsonFile(JsonDocument document, string name)
    {
        this.document = document;
        Root = new JsonField(document.RootElement, name, "");
    }

    public JsonField Root { get; }

    public static JsonFile? OpenIfPresent(string directory, string name)
    {
        var path = Path.Combine(directory, name);
        return File.Exists(path) ? Open(path, name) : null;
    }

    public static JsonFile Open(string path, string name)
    {
        byte[] bytes;
        try
        {
            var length = FileLength.Of(path);
            if (length > MaximumBytes)
                throw new TokenizerFormatException(name, "", $"is {length} bytes long, at most {MaximumBytes} are read");
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerFormatException(name, "", $"cannot be read: {e.Message}", e);
        }
        return Parse(bytes, name);
    }

    public static JsonFile Parse(ReadOnlyMemory<byte> bytes, string name)
    {
        if (bytes.Span.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        try
        {
            var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 64 });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return new JsonFile(document, name);
            var kind = document.RootElement.ValueKind;
            document.Dispose();
            throw new TokenizerFormatException(name, "", $"must hold a JSON object, not {kind}");
        }
        catch (JsonException e)
        {
            throw new TokenizerFormatException(name, "", $"is not valid JSON: {e.Message}", e);
        }
    }

    public void Dispose() => document.Dispose();
}
