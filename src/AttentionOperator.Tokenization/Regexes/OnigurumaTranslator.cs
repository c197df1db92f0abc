using System.Globalization;
using System.Text;

namespace AttentionOperator.Tokenization.Regexes;

/// <summary>
/// Rewrites a pattern of the Oniguruma syntax (the one of tokenizer.json) as a .NET pattern that matches the same scalars. What differs: possessive
/// quantifiers, <c>{n,m}+</c> and <c>{n}?</c>, multi-line anchors, <c>\h</c>, <c>\w</c>, case folding beyond ASCII. A construct without an exact
/// translation is refused by name.
/// </summary>
internal sealed class OnigurumaTranslator
{
    private const int DeepestNesting = 64;

    private readonly record struct Group(int Start, bool IgnoreCase);

    private readonly string pattern;
    private readonly StringBuilder output = new();
    private readonly Stack<Group> groups = new();
    private bool ignoreCase;
    private int position;

    // Where the last quantifiable atom starts in the output, or -1.
    private int atom = -1;

    private OnigurumaTranslator(string pattern) => this.pattern = pattern;

    public static string Translate(string pattern)
    {
        var translator = new OnigurumaTranslator(pattern);
        while (translator.position < pattern.Length)
            translator.Next();
        return translator.groups.Count == 0 ? translator.output.ToString() : throw new UnsupportedPatternException("an open group");
    }

    private void Next()
    {
        var c = pattern[position++];
        switch (c)
        {
            case '(':
                OpenGroup();
                break;
            case ')':
                CloseGroup();
                break;
            case '|':
                output.Append('|');
                atom = -1;
                break;
            case '[':
                Atom(new OnigurumaClass(pattern, ref position, ignoreCase).Text);
                break;
            case '\\':
                Escape();
                break;
            case '^':
                Atom("(?m:^)");
                break;
            case '$':
                Atom("(?m:$)");
                break;
            case '.':
                Atom(".");
                break;
            case '*' or '+' or '?':
                Quantify(c.ToString(), isInterval: false, isExact: false);
                break;
            case '{' when TryInterval(out var interval, out var exact):
                Quantify(interval, isInterval: true, exact);
                break;
            default:
                Literal(c);
                break;
        }
    }

    private void Atom(string text)
    {
        atom = output.Length;
        output.Append(text);
    }

    private void Literal(char c) => Atom(LiteralText(c, ignoreCase));

    internal static string LiteralText(char c, bool ignoreCase)
    {
        if (char.IsSurrogate(c))
            throw new UnsupportedPatternException("a character beyond U+FFFF");
        if (!ignoreCase || !char.IsLetter(c))
            return Escaped(c);
        // The engine's own case tables leave out U+017F (long s), which folds to s.
        return char.ToLowerInvariant(c) switch
        {
            's' => "[sS\u017F]",
            'k' => "[kK\u212A]",
            >= 'a' and <= 'z' and var lower => $"[{lower}{char.ToUpperInvariant(lower)}]",
            _ => $"(?i:{Escaped(c)})",
        };
    }

    internal static string Escaped(char c) =>
        c < 0x80 && !char.IsLetterOrDigit(c) ? $"\\u{(int)c:X4}" : c.ToString();

    private void OpenGroup()
    {
        if (groups.Count >= DeepestNesting)
            throw new UnsupportedPatternException($"groups nested deeper than {DeepestNesting}");
        var start = output.Length;
        var outer = ignoreCase;
        atom = -1;
        if (position >= pattern.Length || pattern[position] != '?')
        {
            Open("(?:");
            return;
        }
        foreach (var plain in (ReadOnlySpan<string>)["?:", "?=", "?!", "?>", "?<=", "?<!"])
        {
            if (string.CompareOrdinal(pattern, position, plain, 0, plain.Length) != 0)
                continue;
            position += plain.Length;
            Open("(" + plain);
            return;
        }
        if (string.CompareOrdinal(pattern, position, "?#", 0, 2) == 0)
        {
            var end = pattern.IndexOf(')', position);
            position = end < 0 ? throw new UnsupportedPatternException("an open comment") : end + 1;
            return;
        }
        if (position + 1 < pattern.Length && pattern[position + 1] == '<')
        {
            var end = pattern.IndexOf('>', position);
            position = end < 0 ? throw new UnsupportedPatternException("an open group name") : end + 1;
            Open("(?:");
            return;
        }
        OpenOptions();

        void Open(string text)
        {
            groups.Push(new Group(start, outer));
            output.Append(text);
        }

        void OpenOptions()
        {
            var on = true;
            var dotAll = "";
            for (position++; position < pattern.Length; position++)
            {
                switch (pattern[position])
                {
                    case '-':
                        on = false;
                        break;
                    case 'i':
                        ignoreCase = on;
                        break;
                    case 'm':
                        dotAll = on ? "s" : "-s";
                        break;
                    case ':':
                        position++;
                        Open($"(?{dotAll}:");
                        return;
                    case ')':
                        position++;
                        if (dotAll.Length > 0)
                            output.Append($"(?{dotAll})");
                        return;
                    case var option:
                        throw new UnsupportedPatternException($"the group '(?{option}'");
                }
            }
            throw new UnsupportedPatternException("an open group");
        }
    }

    private void CloseGroup()
    {
        if (!groups.TryPop(out var group))
            throw new UnsupportedPatternException("a closing parenthesis without an opening one");
        output.Append(')');
        atom = group.Start;
        ignoreCase = group.IgnoreCase;
    }

    private void Escape()
    {
        if (position >= pattern.Length)
            throw new UnsupportedPatternException("a backslash at the end");
        var c = pattern[position];
        switch (c)
        {
            case 'A' or 'z' or 'Z' or 'G':
                position++;
                Atom("\\" + c);
                break;
            case 'b' or 'B':
                position++;
                const string word = OnigurumaEscapes.Word;
                Atom(c == 'b' ? $"(?:(?<=[{word}])(?![{word}])|(?<![{word}])(?=[{word}]))" : $"(?:(?<=[{word}])(?=[{word}])|(?<![{word}])(?![{word}]))");
                break;
            case 'R':
                position++;
                Atom(@"(?>\r\n|[\n-\r\u0085\u2028\u2029])");
                break;
            default:
                var set = OnigurumaEscapes.Read(pattern, ref position, out var literal);
                if (set is not null)
                    Atom($"[{set}]");
                else
                    Literal(literal);
                break;
        }
    }

    private bool TryInterval(out string interval, out bool isExact)
    {
        interval = "";
        isExact = false;
        var close = pattern.IndexOf('}', position);
        if (atom < 0 || close < 0)
            return false;
        var parts = pattern[position..close].Split(',');
        if (parts.Length > 2 || parts.Any(p => p.Any(c => !char.IsAsciiDigit(c))) || (parts.Length == 1 && parts[0].Length == 0) || parts.All(p => p.Length == 0))
            return false;
        isExact = parts.Length == 1;
        var minimum = Number(parts[0]);
        interval = isExact ? $"{{{minimum}}}" : parts[1].Length == 0 ? $"{{{minimum},}}" : $"{{{minimum},{Number(parts[1])}}}";
        position = close + 1;
        return true;
    }

    private static int Number(string digits) => digits.Length == 0 ? 0
        : int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= 1000 ? value
        : throw new UnsupportedPatternException($"a repetition of more than 1000 ('{digits}')");

    private void Quantify(string quantifier, bool isInterval, bool isExact)
    {
        if (atom < 0)
            throw new UnsupportedPatternException($"the quantifier '{quantifier}' with nothing before it");
        if (atom > 0 || output.Length > 0)
            output.Insert(atom, "(?:").Append(')');
        output.Append(quantifier);
        var suffix = position < pattern.Length ? pattern[position] : '\0';
        if (suffix == '?' && !isExact)
        {
            output.Append('?');
            position++;
        }
        else if (suffix == '+' && !isInterval)
        {
            output.Insert(atom, "(?>").Append(')');
            position++;
        }
    }
}
