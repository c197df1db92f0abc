namespace AttentionOperator.Inference.Engine;

/// <summary>
/// Finds stop strings in a stream of text. What could be the beginning of a stop string is held back until it is certain, so no part of a stop
/// string is ever delivered.
/// </summary>
internal sealed class StopMatcher(IReadOnlyList<string> stops)
{
    private string held = "";

    /// <summary>Text that is certain now; <paramref name="stopped"/> where a stop string was completed, which ends the text before it.</summary>
    public string Push(string text, out bool stopped)
    {
        stopped = false;
        if (text.Length == 0) return "";
        held = held.Length == 0 ? text : held + text;
        var end = FirstMatch();
        if (end >= 0)
        {
            stopped = true;
            var before = held[..end];
            held = "";
            return before;
        }

        var keep = LongestPrefixAtEnd();
        var certain = held[..^keep];
        held = held[^keep..];
        return certain;
    }

    /// <summary>What was held back; the stream has ended without a stop string.</summary>
    public string Flush()
    {
        var rest = held;
        held = "";
        return rest;
    }

    private int FirstMatch()
    {
        var first = -1;
        foreach (var stop in stops)
        {
            var at = held.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (first < 0 || at < first)) first = at;
        }

        return first;
    }

    private int LongestPrefixAtEnd()
    {
        var longest = 0;
        foreach (var stop in stops)
            for (var length = Math.Min(stop.Length - 1, held.Length); length > longest; length--)
                if (held.AsSpan(held.Length - length).SequenceEqual(stop.AsSpan(0, length))) longest = length;
        return longest;
    }
}
