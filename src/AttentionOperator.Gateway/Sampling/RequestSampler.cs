using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Gateway.Forwarding;

namespace AttentionOperator.Gateway.Sampling;

/// <summary>Writes a share of requests, and of their answers where those are no streams, to a file, masked (<see cref="PiiMask"/>) and without who asked. For whoever must look at what a model is used for.</summary>
internal sealed partial class RequestSampler(SamplingOptions options, TimeProvider time, ILogger<RequestSampler> logger)
{
    private readonly Lock _lock = new();
    private uint _turn;

    /// <summary>Decides before the answer is there, because only then it can be kept.</summary>
    public bool IsTurn() => options.Directory is not null && options.PerMille > 0 && Interlocked.Increment(ref _turn) % (1000u / (uint)Math.Min(1000, options.PerMille)) == 0;

    public void Write(Exchange exchange, ReadOnlySpan<byte> body)
    {
        var now = time.GetUtcNow();
        try
        {
            var line = JsonSerializer.SerializeToUtf8Bytes(new JsonObject
            {
                ["time"] = now.ToString("O", CultureInfo.InvariantCulture),
                ["model"] = exchange.Route.Key.ToString(),
                ["revision"] = exchange.Revision,
                ["path"] = exchange.Context.Request.Path.Value,
                ["request"] = Masked(body),
                ["answer"] = exchange.Captured is { } answer ? Masked(answer) : null,
            });
            lock (_lock)
            {
                using var file = new FileStream(Path.Combine(Directory.CreateDirectory(options.Directory!).FullName, $"samples-{now:yyyy-MM-dd}.jsonl"), FileMode.Append, FileAccess.Write, FileShare.Read);
                if (file.Length + line.Length < options.MaxFileBytes) file.Write([.. line, (byte)'\n']);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            LogFailed(logger, e.Message);
        }
    }

    /// <summary>Who a user is, is not the sample's business either.</summary>
    private static JsonNode? Masked(ReadOnlySpan<byte> json)
    {
        var node = PiiMask.Of(JsonNode.Parse(json));
        if (node is JsonObject fields) fields.Remove("user");
        return node;
    }

    [LoggerMessage(1, LogLevel.Warning, "A sample could not be written: {Problem}")]
    private static partial void LogFailed(ILogger logger, string problem);
}
