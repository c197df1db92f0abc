using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttentionOperator.Gateway.Batches;

/// <summary>A file of answers that grows line by line and can be taken up again: what a crash left of a last line is cut off.</summary>
internal sealed class BatchOutput : IDisposable
{
    private readonly Lock _lock = new();
    private readonly FileStream _stream;

    public BatchOutput(string path)
    {
        _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        Done = ReadDone(_stream);
    }

    /// <summary>Requests that have their line.</summary>
    public HashSet<string> Done { get; }

    public void Add(string requestId, string customId, int status, ReadOnlySpan<byte> body) => Write(new JsonObject
    {
        ["id"] = requestId,
        ["custom_id"] = customId,
        ["response"] = new JsonObject { ["status_code"] = status, ["request_id"] = requestId, ["body"] = Parse(body) },
        ["error"] = null,
    });

    public void AddError(string customId, string code, string message) => Write(new JsonObject
    {
        ["id"] = $"batch_req_{Guid.NewGuid():N}",
        ["custom_id"] = customId,
        ["response"] = null,
        ["error"] = new JsonObject { ["code"] = code, ["message"] = message },
    });

    public void Dispose() => _stream.Dispose();

    private static JsonNode? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            return JsonValue.Create(System.Text.Encoding.UTF8.GetString(body));
        }
    }

    private static HashSet<string> ReadDone(FileStream stream)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        using var reader = new StreamReader(stream, leaveOpen: true);
        long whole = 0;
        while (reader.ReadLine() is { } line)
        {
            var end = whole + System.Text.Encoding.UTF8.GetByteCount(line) + 1;
            if (end > stream.Length) break;
            whole = end;
            done.Add(JsonNode.Parse(line)!["custom_id"]!.GetValue<string>());
        }

        stream.SetLength(whole);
        stream.Position = whole;
        return done;
    }

    private void Write(JsonObject line)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(line, BatchJson.Options);
        lock (_lock)
        {
            _stream.Write([.. bytes, (byte)'\n']);
            _stream.Flush();
        }
    }
}
