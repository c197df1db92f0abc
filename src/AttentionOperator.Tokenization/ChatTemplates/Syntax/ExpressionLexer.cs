using System.Globalization;
using System.Text;

namespace AttentionOperator.Tokenization.ChatTemplates.Syntax;

/// <summary>Names, literals and operators inside a tag.</summary>
internal sealed class ExpressionLexer(string source, int position, int line)
{
    private static readonly string[] Operators =
        ["==", "!=", "<=", ">=", "**", "//", "(", ")", "[", "]", "{", "}", "<", ">", "=", "+", "-", "*", "/", "%", "~", "|", ".", ",", ":", ";"];

    public int Position { get; private set; } = position;

    public int Line { get; private set; } = line;

    public void SkipSpace()
    {
        for (; Position < source.Length && char.IsWhiteSpace(source[Position]); Position++)
        {
            if (source[Position] == '\n')
                Line++;
        }
    }

    public TemplateToken Next()
    {
        var c = source[Position];
        if (c is '\'' or '"')
            return ReadText(c);
        if (char.IsAsciiDigit(c))
            return ReadNumber();
        if (char.IsLetter(c) || c == '_')
        {
            var start = Position;
            while (Position < source.Length && (char.IsLetterOrDigit(source[Position]) || source[Position] == '_'))
                Position++;
            return new TemplateToken(TokenKind.Name, source[start..Position], Line);
        }
        foreach (var text in Operators)
        {
            if (string.CompareOrdinal(source, Position, text, 0, text.Length) != 0)
                continue;
            Position += text.Length;
            return new TemplateToken(TokenKind.Operator, text, Line);
        }
        throw new ChatTemplateException($"the character '{c}' is not expected here", Line);
    }

    private TemplateToken ReadNumber()
    {
        var start = Position;
        var kind = TokenKind.Integer;
        SkipDigits();
        if (Position + 1 < source.Length && source[Position] == '.' && char.IsAsciiDigit(source[Position + 1]))
        {
            kind = TokenKind.Float;
            Position++;
            SkipDigits();
        }
        if (Position < source.Length && source[Position] is 'e' or 'E')
        {
            var digits = Position + 1 < source.Length && source[Position + 1] is '+' or '-' ? Position + 2 : Position + 1;
            if (digits < source.Length && char.IsAsciiDigit(source[digits]))
            {
                kind = TokenKind.Float;
                Position = digits;
                SkipDigits();
            }
        }
        return new TemplateToken(kind, source[start..Position].Replace("_", "", StringComparison.Ordinal), Line);

        void SkipDigits()
        {
            while (Position < source.Length && (char.IsAsciiDigit(source[Position]) || (source[Position] == '_' && Position > start)))
                Position++;
        }
    }

    private TemplateToken ReadText(char quote)
    {
        var startLine = Line;
        var text = new StringBuilder();
        for (Position++; ; Position++)
        {
            if (Position >= source.Length)
                throw new ChatTemplateException("a string is not closed", startLine);
            var c = source[Position];
            if (c == quote)
            {
                Position++;
                return new TemplateToken(TokenKind.Text, text.ToString(), startLine);
            }
            if (c == '\n')
                Line++;
            if (c == '\\' && Position + 1 < source.Length)
            {
                Position++;
                ReadEscape(text);
            }
            else
            {
                text.Append(c);
            }
        }
    }

    private void ReadEscape(StringBuilder text)
    {
        var c = source[Position];
        switch (c)
        {
            case '\n':
                Line++;
                break;
            case '\\' or '\'' or '"':
                text.Append(c);
                break;
            case 'n':
                text.Append('\n');
                break;
            case 't':
                text.Append('\t');
                break;
            case 'r':
                text.Append('\r');
                break;
            case 'a':
                text.Append('\a');
                break;
            case 'b':
                text.Append('\b');
                break;
            case 'f':
                text.Append('\f');
                break;
            case 'v':
                text.Append('\v');
                break;
            case 'x':
                AppendHex(text, 2);
                break;
            case 'u':
                AppendHex(text, 4);
                break;
            case 'U':
                AppendHex(text, 8);
                break;
            case >= '0' and <= '7':
                var value = 0;
                var digits = 0;
                for (; digits < 3 && Position + digits < source.Length && source[Position + digits] is >= '0' and <= '7'; digits++)
                    value = (value * 8) + source[Position + digits] - '0';
                Position += digits - 1;
                text.Append((char)value);
                break;
            case 'N':
                throw new ChatTemplateException(@"the escape '\N' is not supported", Line);
            default:
                // As Python does: an unknown escape stands for itself.
                text.Append('\\').Append(c);
                break;
        }
    }

    private void AppendHex(StringBuilder text, int digits)
    {
        if (Position + digits >= source.Length
            || !int.TryParse(source.AsSpan(Position + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) || value is < 0 or > 0x10FFFF)
            throw new ChatTemplateException($"an escape needs {digits} hexadecimal digits", Line);
        Position += digits;
        if (value >= 0x10000)
            text.Append(char.ConvertFromUtf32(value));
        else
            text.Append((char)value);
    }
}
