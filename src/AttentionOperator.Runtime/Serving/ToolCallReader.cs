using System.Text;
using System.Text.Json;

namespace AttentionOperator.Runtime.Serving;

/// <summary>One call that the model made.</summary>
internal sealed record ToolCall(string Name, string Arguments);

/// <summary>
/// Separates an answer's text from its tool calls while it streams: text before the first call passes at once, what may be the
/// beginning of a call is held back, calls are read at the end. What turns out to be no call is given back as text.
/// </summary>
internal sealed class ToolCallReader(ToolCallFormat format)
{
    private const string PythonTag = "<|python_tag|>";
    private readonly string? _marker = ToolCallFormats.MarkerOf(format);
    private readonly StringBuilder _held = new();
    private bool _calling;
    private bool _plain;

    /// <summary>Text that is certainly not part of a call.</summary>
    public string Push(string text)
    {
        if (_plain) return text;
        _held.Append(text);
        if (_calling) return "";
        return _marker is null ? PushBare() : PushMarked(_marker);
    }

    /// <summary>At the end of the answer: the calls, and the text that was held back for nothing.</summary>
    public (IReadOnlyList<ToolCall> Calls, string Text) Finish()
    {
        var held = _held.ToString();
        _held.Clear();
        if (!_calling) return ([], held);
        var calls = Read(held);
        return calls is null ? ([], held) : (calls, "");
    }

    private string PushMarked(string marker)
    {
        var held = _held.ToString();
        var at = held.IndexOf(marker, StringComparison.Ordinal);
        if (at >= 0)
        {
            _calling = true;
            _held.Remove(0, at);
            return held[..at];
        }

        var keep = PartialEnd(held, marker);
        _held.Remove(0, held.Length - keep);
        return held[..^keep];
    }

    private string PushBare()
    {
        var held = _held.ToString();
        var start = held.TrimStart();
        if (start.Length == 0 || (start.Length < PythonTag.Length && PythonTag.StartsWith(start, StringComparison.Ordinal))) return "";
        if (start[0] == '{' || start.StartsWith(PythonTag, StringComparison.Ordinal))
        {
            _calling = true;
            return "";
        }

        _plain = true;
        _held.Clear();
        return held;
    }

    /// <summary>Length of the longest end of the text that is a beginning of the marker.</summary>
    private static int PartialEnd(string text, string marker)
    {
        for (var length = Math.Min(text.Length, marker.Length - 1); length > 0; length--)
        {
            if (text.AsSpan(text.Length - length).SequenceEqual(marker.AsSpan(0, length))) return length;
        }

        return 0;
    }

    private List<ToolCall>? Read(string held)
    {
        try
        {
            return format switch
            {
                ToolCallFormat.Tagged => ReadTagged(held),
                ToolCallFormat.Listed => ReadListed(held["[TOOL_CALLS]".Length..]),
                _ => ReadBare(held.Trim()),
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<ToolCall>? ReadTagged(string held)
    {
        const string open = "<tool_call>", close = "</tool_call>";
        var calls = new List<ToolCall>();
        var at = 0;
        while ((at = held.IndexOf(open, at, StringComparison.Ordinal)) >= 0)
        {
            at += open.Length;
            var end = held.IndexOf(close, at, StringComparison.Ordinal);
            using var document = JsonDocument.Parse(held.AsMemory(at, (end < 0 ? held.Length : end) - at).ToString().Trim());
            if (Call(document.RootElement, "arguments") is not { } call) return null;
            calls.Add(call);
            if (end < 0) break;
            at = end;
        }

        return calls.Count == 0 ? null : calls;
    }

    private static List<ToolCall>? ReadListed(string list)
    {
        using var document = JsonDocument.Parse(list.Trim());
        if (document.RootElement.ValueKind != JsonValueKind.Array) return null;
        var calls = new List<ToolCall>();
        foreach (var item in document.RootElement.EnumerateArray())
        {
            if (Call(item, "arguments") is not { } call) return null;
            calls.Add(call);
        }

        return calls.Count == 0 ? null : calls;
    }

    private static List<ToolCall>? ReadBare(string text)
    {
        if (text.StartsWith(PythonTag, StringComparison.Ordinal)) text = text[PythonTag.Length..];
        using var document = JsonDocument.Parse(text);
        return Call(document.RootElement, "parameters") is { } call ? [call] : null;
    }

    private static ToolCall? Call(JsonElement element, string arguments)
    {
        if (element.ValueKind != JsonValueKind.Object
            || !element.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String) return null;
        if (!element.TryGetProperty(arguments, out var value)) return new ToolCall(name.GetString()!, "{}");
        return new ToolCall(name.GetString()!, value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
    }
}
