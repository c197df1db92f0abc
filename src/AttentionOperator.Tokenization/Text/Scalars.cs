using System.Globalization;
using System.Text;

namespace AttentionOperator.Tokenization.Text;

/// <summary>Scalars of UTF-16 text and the character classes that tokenizers use.</summary>
internal static class Scalars
{
    /// <summary>Lone surrogates become U+FFFD, one for one, so that positions stay.</summary>
    public static string ReplaceLoneSurrogates(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
            return text;
        char[]? fixedText = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
                continue;
            }
            fixedText ??= text.ToCharArray();
            fixedText[i] = '\uFFFD';
        }
        return fixedText is null ? text : new string(fixedText);
    }

    /// <summary>The scalar at a position of well-formed text, and its length in code units.</summary>
    public static int At(ReadOnlySpan<char> text, int index, out int length)
    {
        var c = text[index];
        if (char.IsHighSurrogate(c) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            length = 2;
            return char.ConvertToUtf32(c, text[index + 1]);
        }
        length = 1;
        return c;
    }

    public static int LengthAt(ReadOnlySpan<char> text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) ? 2 : 1;

    public static bool IsWhiteSpace(int scalar) => scalar < 0x10000 && char.IsWhiteSpace((char)scalar);

    public static bool IsAsciiPunctuation(int scalar) =>
        scalar is (>= '!' and <= '/') or (>= ':' and <= '@') or (>= '[' and <= '`') or (>= '{' and <= '~');

    public static bool IsPunctuation(int scalar) => IsAsciiPunctuation(scalar) || Category(scalar) is
        UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation
        or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation;

    public static bool IsNumeric(int scalar) =>
        Category(scalar) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    public static bool IsMark(int scalar) =>
        Category(scalar) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    public static bool IsNonSpacingMark(int scalar) => Category(scalar) == UnicodeCategory.NonSpacingMark;

    /// <summary>Controls, format characters and private use, which BERT's clean-up removes; unassigned characters stay.</summary>
    public static bool IsOther(int scalar) => Category(scalar) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse;

    /// <summary>Word characters of UTS 18: alphabetic, marks, decimal digits, connectors and joiners.</summary>
    public static bool IsWord(int scalar) => Category(scalar) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
            or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation => true,
        UnicodeCategory.OtherSymbol => scalar is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
        _ => scalar is 0x200C or 0x200D,
    };

    /// <summary>Appends the lower-case mapping of a scalar, without context (no final sigma).</summary>
    public static int ToLower(int scalar) => scalar < 0x80
        ? scalar is >= 'A' and <= 'Z' ? scalar + 32 : scalar
        : Rune.ToLowerInvariant(new Rune(scalar)).Value;

    public static int Utf8Length(ReadOnlySpan<char> text) => Encoding.UTF8.GetByteCount(text);

    private static UnicodeCategory Category(int scalar) => CharUnicodeInfo.GetUnicodeCategory(scalar);
}
