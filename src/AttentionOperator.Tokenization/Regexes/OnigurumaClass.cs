using System.Text;

namespace AttentionOperator.Tokenization.Regexes;

/// <summary>A bracketed character class, flattened where a nested class allows it.</summary>
internal readonly ref struct OnigurumaClass
{
    private const int DeepestNesting = 8;

    /// <summary>Reads from behind the opening bracket.</summary>
    public OnigurumaClass(string pattern, ref int position, bool ignoreCase)
    {
        var body = new StringBuilder();
        var negated = position < pattern.Length && pattern[position] == '^';
        if (negated)
            position++;
        var hasLetters = false;
        ReadItems(pattern, ref position, body, ref hasLetters, 0);
        if (ignoreCase && body.ToString().AsSpan().IndexOfAny('s', 'S') >= 0)
            body.Append('\u017F');
        var text = $"[{(negated ? "^" : "")}{body}]";
        Text = ignoreCase && hasLetters ? $"(?i:{text})" : text;
    }

    public string Text { get; }

    private static void ReadItems(string pattern, ref int position, StringBuilder body, ref bool hasLetters, int depth)
    {
        if (depth > DeepestNesting)
            throw new UnsupportedPatternException($"classes nested deeper than {DeepestNesting}");
        var first = true;
        while (true)
        {
            if (position >= pattern.Length)
                throw new UnsupportedPatternException("an open character class");
            var c = pattern[position];
            if (c == ']' && !first)
            {
                position++;
                return;
            }
            first = false;
            if (c == '[')
            {
                ReadNested(pattern, ref position, body, ref hasLetters, depth);
                continue;
            }
            if (c == '&' && position + 1 < pattern.Length && pattern[position + 1] == '&')
                throw new UnsupportedPatternException("the class intersection '&&'");
            if (!TryCharacter(pattern, ref position, body, out var low))
                continue;
            hasLetters |= char.IsLetter(low);
            if (position + 1 < pattern.Length && pattern[position] == '-' && pattern[position + 1] is not ']' and not '[')
            {
                position++;
                if (!TryCharacter(pattern, ref position, body, out var high) || high < low)
                    throw new UnsupportedPatternException("a character range without a proper end");
                hasLetters |= char.IsLetter(high);
                body.Append(OnigurumaTranslator.Escaped(low)).Append('-').Append(OnigurumaTranslator.Escaped(high));
            }
            else
            {
                body.Append(OnigurumaTranslator.Escaped(low));
            }
        }
    }

    private static void ReadNested(string pattern, ref int position, StringBuilder body, ref bool hasLetters, int depth)
    {
        if (position + 1 < pattern.Length && pattern[position + 1] == ':')
        {
            var close = pattern.IndexOf(":]", position + 2, StringComparison.Ordinal);
            var name = close < 0 ? pattern[position..] : pattern[position..(close + 2)];
            body.Append(name switch
            {
                "[:space:]" => @"\s",
                "[:digit:]" => @"\p{Nd}",
                "[:xdigit:]" => "0-9a-fA-F",
                _ => throw new UnsupportedPatternException($"the class '{name}'"),
            });
            position = close + 2;
            return;
        }
        position++;
        if (position < pattern.Length && pattern[position] == '^')
            throw new UnsupportedPatternException("a negated class inside a class");
        ReadItems(pattern, ref position, body, ref hasLetters, depth + 1);
    }

    // Sets go to the body at once; a character is handed back, because it may begin a range.
    private static bool TryCharacter(string pattern, ref int position, StringBuilder body, out char character)
    {
        character = pattern[position++];
        if (char.IsSurrogate(character))
            throw new UnsupportedPatternException("a character beyond U+FFFF");
        if (character != '\\')
            return true;
        if (position < pattern.Length && pattern[position] == 'b')
        {
            position++;
            character = '\b';
            return true;
        }
        if (OnigurumaEscapes.Read(pattern, ref position, out character) is not { } set)
            return true;
        body.Append(set);
        return false;
    }
}
