using System.Globalization;

namespace AttentionOperator.Api.Values;

/// <summary>Kubernetes quantities: <c>500m</c>, <c>2</c>, <c>1.5Gi</c>, <c>12e6</c>.</summary>
public static class Quantities
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", 1024m * 1024), ("Gi", 1024m * 1024 * 1024), ("Ti", 1024m * 1024 * 1024 * 1024),
        ("Pi", 1024m * 1024 * 1024 * 1024 * 1024), ("Ei", 1024m * 1024 * 1024 * 1024 * 1024 * 1024),
        ("n", 1e-9m), ("u", 1e-6m), ("m", 1e-3m), ("k", 1e3m), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m), ("P", 1e15m), ("E", 1e18m),
    ];

    public static bool TryParse(string? text, out decimal value)
    {
        value = 0;
        if (string.IsNullOrEmpty(text) || char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]))
        {
            return false;
        }

        var (number, factor) = (text, 1m);
        foreach (var (suffix, scale) in Suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
            {
                (number, factor) = (text[..^suffix.Length], scale);
                break;
            }
        }

        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!decimal.TryParse(number, factor == 1m ? Styles : Styles & ~NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var mantissa))
        {
            return false;
        }

        try
        {
            value = mantissa * factor;
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    /// <exception cref="FormatException">The text is no quantity.</exception>
    public static decimal Parse(string text) =>
        TryParse(text, out var value) ? value : throw new FormatException($"'{text}' is no quantity; write it as 2, 500m, 8Gi or 12e6");

    /// <summary>Whole bytes, rounded up.</summary>
    /// <exception cref="FormatException">The text is no quantity, or it is more than a 64-bit number of bytes.</exception>
    public static long ParseBytes(string text)
    {
        var value = decimal.Ceiling(Parse(text));
        return value is >= 0 and <= long.MaxValue ? (long)value : throw new FormatException($"'{text}' is no number of bytes between 0 and {long.MaxValue}");
    }

    /// <summary>The same text for equal quantities (<c>1000m</c> and <c>1</c>).</summary>
    public static string Canonical(string text) => Parse(text).ToString("0.#########", CultureInfo.InvariantCulture);
}
