namespace AttentionOperator.Tokenization.ChatTemplates.Syntax;

/// <summary>Cuts a template into text and tags, and applies <c>trim_blocks</c>, <c>lstrip_blocks</c> and the <c>-</c> and <c>+</c> signs.</summary>
internal sealed class TemplateLexer
{
    private readonly string source;
    private readonly List<TemplateToken> tokens = [];
    private int position;
    private int line = 1;

    private TemplateLexer(string source) => this.source = source;

    public static List<TemplateToken> Read(string source)
    {
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        // One newline at the very end is no part of the output.
        if (source.EndsWith('\n'))
            source = source[..^1];
        var lexer = new TemplateLexer(source);
        lexer.Run();
        return lexer.tokens;
    }

    private void Run()
    {
        // Whether the text before the next tag begins a line.
        var startsLine = true;
        while (position < source.Length)
        {
            var tag = FindTag(position);
            var data = source[position..(tag < 0 ? source.Length : tag)];
            if (tag < 0)
            {
                AddData(data);
                position = source.Length;
                break;
            }
            var kind = source[tag + 1];
            var sign = tag + 2 < source.Length ? source[tag + 2] : '\0';
            AddData(sign == '-' ? TrimEnd(data) : kind != '{' && sign != '+' ? StripIndentation(data, startsLine) : data);
            CountLines(data);
            position = tag + (sign is '-' or '+' ? 3 : 2);
            var from = position;
            switch (kind)
            {
                case '#':
                    ReadComment();
                    break;
                case '%' when TryReadRaw():
                    break;
                case '%':
                    ReadTag(TokenKind.BlockStart, TokenKind.BlockEnd, "%}");
                    break;
                default:
                    ReadTag(TokenKind.VariableStart, TokenKind.VariableEnd, "}}");
                    break;
            }
            startsLine = position > from && source[position - 1] == '\n';
        }
        tokens.Add(new TemplateToken(TokenKind.End, "", line));
    }

    private int FindTag(int from)
    {
        for (var at = source.IndexOf('{', from); at >= 0 && at + 1 < source.Length; at = source.IndexOf('{', at + 1))
        {
            if (source[at + 1] is '{' or '%' or '#')
                return at;
        }
        return -1;
    }

    private void AddData(string data)
    {
        if (data.Length > 0)
            tokens.Add(new TemplateToken(TokenKind.Data, data, line));
    }

    private static string TrimEnd(string data) => data.AsSpan().TrimEnd().ToString();

    private static string StripIndentation(string data, bool startsLine)
    {
        var lineStart = data.LastIndexOf('\n') + 1;
        return (lineStart > 0 || startsLine) && data.AsSpan(lineStart).IsWhiteSpace() ? data[..lineStart] : data;
    }

    private void ReadComment()
    {
        var end = source.IndexOf("#}", position, StringComparison.Ordinal);
        if (end < 0)
            throw new ChatTemplateException("a comment is not closed", line);
        CountLines(source.AsSpan(position, end - position));
        var sign = end > 0 ? source[end - 1] : '\0';
        position = end + 2;
        SkipAfterTag(sign, trimsNewline: true);
    }

    // {% raw %} … {% endraw %}
    private bool TryReadRaw()
    {
        var at = SkipSpace(position);
        if (!source.AsSpan(at).StartsWith("raw") || (at + 3 < source.Length && (char.IsLetterOrDigit(source[at + 3]) || source[at + 3] == '_')))
            return false;
        var open = SkipSpace(at + 3);
        var openSign = open < source.Length && source[open] is '-' or '+' ? source[open++] : '\0';
        if (!source.AsSpan(open).StartsWith("%}"))
            throw new ChatTemplateException("the statement 'raw' takes no arguments", line);
        position = open + 2;
        SkipAfterTag(openSign, trimsNewline: false);
        for (var close = source.IndexOf("{%", position, StringComparison.Ordinal); close >= 0; close = source.IndexOf("{%", close + 2, StringComparison.Ordinal))
        {
            var sign = close + 2 < source.Length ? source[close + 2] : '\0';
            var name = SkipSpace(close + (sign is '-' or '+' ? 3 : 2));
            if (!source.AsSpan(name).StartsWith("endraw"))
                continue;
            var end = SkipSpace(name + 6);
            var endSign = end < source.Length && source[end] is '-' or '+' ? source[end++] : '\0';
            if (!source.AsSpan(end).StartsWith("%}"))
                continue;
            var data = source[position..close];
            AddData(sign == '-' ? TrimEnd(data) : sign == '+' ? data : StripIndentation(data, startsLine: false));
            CountLines(data);
            position = end + 2;
            SkipAfterTag(endSign, trimsNewline: true);
            return true;
        }
        throw new ChatTemplateException("the statement 'raw' is not closed", line);
    }

    private void ReadTag(TokenKind start, TokenKind end, string close)
    {
        tokens.Add(new TemplateToken(start, start == TokenKind.BlockStart ? "{%" : "{{", line));
        var expression = new ExpressionLexer(source, position, line);
        var depth = 0;
        while (true)
        {
            expression.SkipSpace();
            if (expression.Position >= source.Length)
                throw new ChatTemplateException($"a tag is not closed by '{close}'", expression.Line);
            var rest = source.AsSpan(expression.Position);
            var signed = rest[0] is '-' or '+' && rest[1..].StartsWith(close);
            // Inside a dict literal, "}}" closes braces.
            if (depth == 0 && (signed || rest.StartsWith(close)))
            {
                line = expression.Line;
                position = expression.Position + (signed ? 3 : 2);
                tokens.Add(new TemplateToken(end, close, line));
                SkipAfterTag(signed ? rest[0] : '\0', trimsNewline: end == TokenKind.BlockEnd);
                return;
            }
            var token = expression.Next();
            depth += token.Kind != TokenKind.Operator ? 0 : token.Text is "(" or "[" or "{" ? 1 : token.Text is ")" or "]" or "}" ? -1 : 0;
            depth = Math.Max(depth, 0);
            tokens.Add(token);
        }
    }

    private void SkipAfterTag(char sign, bool trimsNewline)
    {
        if (sign == '-')
        {
            var end = SkipSpace(position);
            CountLines(source.AsSpan(position, end - position));
            position = end;
        }
        else if (trimsNewline && sign != '+' && position < source.Length && source[position] == '\n')
        {
            position++;
            line++;
        }
    }

    private int SkipSpace(int from)
    {
        while (from < source.Length && char.IsWhiteSpace(source[from]))
            from++;
        return from;
    }

    private void CountLines(ReadOnlySpan<char> text) => line += text.Count('\n');
}
