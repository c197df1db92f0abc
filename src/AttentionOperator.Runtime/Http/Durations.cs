using System.Globalization;

namespace AttentionOperator.Runtime.Http;

/// <summary>Durations as Kubernetes writes them: <c>500ms</c>, <c>30s</c>, <c>1m30s</c>, <c>2h</c>; a bare number counts seconds.</summary>
internal static class Durations
{
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        text = text.Trim();
        if (text.IsEmpty || text.Length > 40) return false;
        double seconds = 0;
        while (!text.IsEmpty)
        {
            var digits = 0;
            while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.')) digits++;
            if (digits == 0 || !double.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) return false;
            text = text[digits..];
            var letters = 0;
            while (letters < text.Length && char.IsAsciiLetter(text[letters])) letters++;
            double? unit = text[..letters] switch
            {
                "ms" => 0.001,
                "s" or "" => 1,
                "m" => 60,
                "h" => 3600,
                _ => null,
            };
            if (unit is null) return false;
            seconds += value * unit.Value;
            text = text[letters..];
        }

        if (seconds > 86400 * 365) return false;
        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }
}
