using System.Globalization;

namespace AttentionOperator.Tokenization.Regexes;

/// <summary>Escapes that stand for a set or a character, inside and outside classes.</summary>
internal static class OnigurumaEscapes
{
    public const string Word = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}";

    private static readonly HashSet<string> Categories = new(StringComparer.Ordinal)
    {
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Cs", "Co", "Cn",
    };

    private static readonly Dictionary<string, string> LongNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Letter"] = "L",
        ["Mark"] = "M",
        ["Number"] = "N",
        ["Punctuation"] = "P",
        ["Symbol"] = "S",
        ["Separator"] = "Z",
        ["Other"] = "C",
        ["Uppercase_Letter"] = "Lu",
        ["Lowercase_Letter"] = "Ll",
        ["Decimal_Number"] = "Nd",
        ["Space_Separator"] = "Zs",
    };

    /// <summary>
    /// Reads what follows a backslash. Returns the body of a class (to stand between brackets), or null with <paramref name="literal"/> set.
    /// </summary>
    public static string? Read(string pattern, ref int position, out char literal)
    {
        literal = '\0';
        var c = position < pattern.Length ? pattern[position++] : throw new UnsupportedPatternException("a backslash at the end");
        switch (c)
        {
            case 'd': return @"\p{Nd}";
            case 'D': return @"\P{Nd}";
            case 's': return @"\s";
            case 'S': return @"\S";
            case 'w': return Word;
            case 'W': throw new UnsupportedPatternException(@"'\W'");
            case 'h': return "0-9a-fA-F";
            case 'p' or 'P': return Property(pattern, ref position, negated: c == 'P');
            case 'n': literal = '\n'; return null;
            case 'r': literal = '\r'; return null;
            case 't': literal = '\t'; return null;
            case 'f': literal = '\f'; return null;
            case 'v': literal = '\v'; return null;
            case 'a': literal = '\a'; return null;
            case 'e': literal = '\u001B'; return null;
            case 'x' when position < pattern.Length && pattern[position] == '{':
                var close = pattern.IndexOf('}', position);
                literal = Hex(close < 0 ? "" : pattern[(position + 1)..close]);
                position = close + 1;
                return null;
            case 'x': literal = Hex(Digits(pattern, ref position, 2)); return null;
            case 'u': literal = Hex(Digits(pattern, ref position, 4)); return null;
            default:
                if (char.IsAsciiLetterOrDigit(c))
                    throw new UnsupportedPatternException($"'\\{c}'");
                literal = c;
                return null;
        }
    }

    private static string Digits(string pattern, ref int position, int most)
    {
        var start = position;
        while (position < pattern.Length && position - start < most && char.IsAsciiHexDigit(pattern[position]))
            position++;
        return pattern[start..position];
    }

    private static char Hex(string digits) =>
        int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value is >= 0 and < 0x10000 && !char.IsSurrogate((char)value)
            ? (char)value
            : throw new UnsupportedPatternException($"the character U+{digits}");

    private static string Property(string pattern, ref int position, bool negated)
    {
        var close = position < pattern.Length && pattern[position] == '{' ? pattern.IndexOf('}', position) : -1;
        if (close < 0)
            throw new UnsupportedPatternException(@"'\p' without a name in braces");
        var name = pattern[(position + 1)..close];
        position = close + 1;
        if (name.StartsWith('^'))
        {
            negated = !negated;
            name = name[1..];
        }
        if (!Categories.Contains(name))
            name = LongNames.TryGetValue(name, out var known) ? known : throw new UnsupportedPatternException($"the property '{name}'");
        return negated ? $@"\P{{{name}}}" : $@"\p{{{name}}}";
    }
}
