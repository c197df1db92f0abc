using System.Text.Json;

namespace AttentionOperator.Api.Runtime;

/// <summary>
/// What a runtime container leaves at its termination message path when it ends on its own: one JSON line
/// <c>{"reason":"…","message":"…"}</c>.
/// </summary>
/// <param name="Reason">Why it ended.</param>
/// <param name="Message">For a person: field or file, value, what was expected, what to do.</param>
public sealed record TerminationMessage(StartFailureReason Reason, string Message)
{
    /// <summary>Kubernetes keeps at most 4096 bytes of a termination message.</summary>
    public const int MaxBytes = 4096;

    private const int MaxMessageCharacters = 1000;

    /// <summary>The JSON line, without a line end; long messages are cut so that it stays within <see cref="MaxBytes"/>.</summary>
    public string ToLine()
    {
        // Escaping makes at most six bytes of a character; three of UTF-8 are fewer.
        var message = Message.Length <= MaxMessageCharacters ? Message : Message[..(MaxMessageCharacters - 1)] + "…";
        var line = Line(message);
        while (System.Text.Encoding.UTF8.GetByteCount(line) > MaxBytes)
        {
            message = message[..(message.Length / 2)];
            line = Line(message);
        }

        return line;
    }

    /// <summary>Reads a termination message; null where the text is none of ours.</summary>
    public static TerminationMessage? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("reason", out var reason) && reason.ValueKind == JsonValueKind.String
                && Enum.TryParse<StartFailureReason>(reason.GetString(), out var parsed)
                && root.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String)
            {
                return new TerminationMessage(parsed, message.GetString()!);
            }
        }
        catch (JsonException)
        {
            // Another program's last words.
        }

        return null;
    }

    private string Line(string message) =>
        $$"""{"reason":"{{Reason}}","message":{{JsonSerializer.Serialize(message)}}}""";
}
