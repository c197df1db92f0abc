using System.Globalization;

namespace AttentionOperator.Tokenization.Regexes;

/// <summary>
/// One UTF-16 code unit per scalar, because the regex engine sees surrogate halves as characters of their own: a scalar beyond the basic plane is
/// replaced by a rare character of the same general category.
/// </summary>
internal static class ShadowText
{
    public static bool IsNeeded(ReadOnlySpan<char> text) => text.IndexOfAnyInRange('\uD800', '\uDFFF') >= 0;

    /// <summary>Fills <paramref name="shadow"/> and the position of each of its characters (with one more for the end); returns the length.</summary>
    public static int Write(ReadOnlySpan<char> text, Span<char> shadow, Span<int> positions)
    {
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            positions[length] = i;
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                c = StandIn(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(c, text[i + 1])));
                i++;
            }
            shadow[length++] = c;
        }
        positions[length] = text.Length;
        return length;
    }

    private static char StandIn(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\u2C2F',
        UnicodeCategory.LowercaseLetter => '\u2C5F',
        UnicodeCategory.TitlecaseLetter => '\u1FFC',
        UnicodeCategory.ModifierLetter => '\uA717',
        UnicodeCategory.OtherLetter => '\uA48C',
        UnicodeCategory.NonSpacingMark => '\uA8C4',
        UnicodeCategory.SpacingCombiningMark => '\uA8B4',
        UnicodeCategory.EnclosingMark => '\uA672',
        UnicodeCategory.DecimalDigitNumber => '\uA8D0',
        UnicodeCategory.LetterNumber => '\uA6E6',
        UnicodeCategory.OtherNumber => '\uA830',
        UnicodeCategory.SpaceSeparator => '\u205F',
        UnicodeCategory.ConnectorPunctuation => '\uFE4D',
        UnicodeCategory.DashPunctuation => '\u1806',
        UnicodeCategory.OpenPunctuation => '\u2E22',
        UnicodeCategory.ClosePunctuation => '\u2E23',
        UnicodeCategory.InitialQuotePunctuation => '\u2E02',
        UnicodeCategory.FinalQuotePunctuation => '\u2E03',
        UnicodeCategory.OtherPunctuation => '\uA8CE',
        UnicodeCategory.MathSymbol => '\u2A7D',
        UnicodeCategory.CurrencySymbol => '\u20A0',
        UnicodeCategory.ModifierSymbol => '\uA700',
        UnicodeCategory.OtherSymbol => '\u2800',
        UnicodeCategory.Format => '\u2061',
        UnicodeCategory.PrivateUse => '\uE000',
        UnicodeCategory.Control => '\u0080',
        _ => '\uFFFE',
    };
}
