using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.Values;

/// <summary>Durations of the contract: <c>1h30m</c>, <c>45s</c>, <c>250ms</c>, <c>0</c>.</summary>
public static partial class Durations
{
    /// <summary>The longest duration that is accepted; longer ones would overflow timers.</summary>
    public static readonly TimeSpan Maximum = TimeSpan.FromDays(3650);

    public static bool TryParse(string? text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        if (text is null || !Form().IsMatch(text))
        {
            return false;
        }

        double milliseconds = 0;
        foreach (Match part in Part().Matches(text))
        {
            var unit = part.Groups["unit"].Value switch { "ms" => 1d, "s" => 1e3, "m" => 6e4, _ => 3.6e6 };
            milliseconds += double.Parse(part.Groups["number"].ValueSpan, CultureInfo.InvariantCulture) * unit;
        }

        if (milliseconds > Maximum.TotalMilliseconds)
        {
            return false;
        }

        value = TimeSpan.FromMilliseconds(milliseconds);
        return true;
    }

    /// <exception cref="FormatException">The text is no duration.</exception>
    public static TimeSpan Parse(string text) =>
        TryParse(text, out var value) ? value : throw new FormatException($"'{text}' is no duration; write it as 1h30m, 45s or 250ms, at most {Maximum.TotalDays:0} days");

    /// <summary>The shortest text that <see cref="Parse"/> reads as the same value, to the millisecond.</summary>
    public static string Format(TimeSpan value)
    {
        var left = (long)Math.Round(value.TotalMilliseconds);
        if (left <= 0)
        {
            return "0s";
        }

        var text = new StringBuilder();
        foreach (var (unit, size) in ((string, long)[])[("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)])
        {
            if (left / size is > 0 and var count)
            {
                text.Append(CultureInfo.InvariantCulture, $"{count}{unit}");
                left -= count * size;
            }
        }

        return text.ToString();
    }

    [GeneratedRegex(DurationAttribute.Pattern)]
    private static partial Regex Form();

    [GeneratedRegex(@"(?<number>[0-9]+(\.[0-9]+)?)(?<unit>ms|s|m|h)", RegexOptions.ExplicitCapture)]
    private static partial Regex Part();
}
