using System.Buffers;
using System.Globalization;

namespace AttentionOperator.Sandbox.Schema;

/// <summary>Durations as Go writes them: <c>1h30m</c>, <c>250ms</c>, <c>-1.5s</c>, <c>0</c>.</summary>
internal static class GoDuration
{
    private static readonly (string Unit, double Seconds)[] Units =
        [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600)];

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        var rest = text.AsSpan();
        var negative = rest is ['-', ..];
        if (rest is ['-' or '+', ..]) rest = rest[1..];
        if (rest.SequenceEqual("0")) return true;
        if (rest.IsEmpty) return false;
        var seconds = 0.0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            rest = rest[digits..];
            if (Take(ref rest) is not { } unit) return false;
            seconds += number * unit;
        }

        value = TimeSpan.FromSeconds(negative ? -seconds : seconds);
        return true;
    }

    private static double? Take(ref ReadOnlySpan<char> rest)
    {
        foreach (var (unit, seconds) in Units)
        {
            var end = rest.IndexOfAnyInRange('0', '9');
            var word = end < 0 ? rest : rest[..end];
            if (!word.SequenceEqual(unit)) continue;
            rest = rest[unit.Length..];
            return seconds;
        }

        return null;
    }
}
