using System.Text;
using AttentionOperator.Tokenization.ChatTemplates.Evaluation;

namespace AttentionOperator.Tokenization.ChatTemplates.Library;

/// <summary>Filters of strings, and what the string methods share with them.</summary>
internal static class StringFilters
{
    public static string Trim(object? value, Arguments arguments, Evaluator evaluator) =>
        Strip(Texts.Of(value), arguments.Take("chars", null), left: true, right: true, arguments);

    /// <summary>Removes white space, or any of the given characters, from the ends.</summary>
    public static string Strip(string text, object? characters, bool left, bool right, Arguments arguments)
    {
        var set = characters switch
        {
            null => null,
            string given => given,
            _ => throw arguments.Error("needs a string of characters"),
        };
        var start = 0;
        var end = text.Length;
        while (left && start < end && IsIn(text[start]))
            start++;
        while (right && end > start && IsIn(text[end - 1]))
            end--;
        return text[start..end];

        bool IsIn(char c) => set is null ? Texts.IsSpace(c) : set.Contains(c, StringComparison.Ordinal);
    }

    public static string Capitalize(string text) => text.Length == 0 ? text : text[..1].ToUpperInvariant() + text[1..].ToLowerInvariant();

    public static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        var inWord = false;
        foreach (var c in text)
        {
            result.Append(inWord ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));
            inWord = char.IsLetter(c);
        }
        return result.ToString();
    }

    public static string Replace(object? value, Arguments arguments, Evaluator evaluator)
    {
        var text = Texts.Of(value);
        var old = arguments.RequireText("old");
        var by = arguments.RequireText("new");
        var count = arguments.Take("count", null) is long n ? n : -1;
        return Replace(text, old, by, count, evaluator.Context, arguments.Line);
    }

    /// <summary>Replaces the first <paramref name="count"/> occurrences, or all where it is negative.</summary>
    public static string Replace(string text, string old, string by, long count, RenderContext context, int line)
    {
        if (old.Length == 0)
            throw new ChatTemplateException("replacing the empty string is not supported", line);
        var result = new StringBuilder();
        var done = 0;
        for (var at = text.IndexOf(old, StringComparison.Ordinal); at >= 0 && count != 0; at = text.IndexOf(old, done, StringComparison.Ordinal), count--)
        {
            result.Append(text, done, at - done).Append(by);
            done = at + old.Length;
            if (result.Length > context.LongestText)
                context.CheckLength(result.Length, line);
        }
        return result.Append(text, done, text.Length - done).ToString();
    }

    public static string Indent(object? value, Arguments arguments, Evaluator evaluator)
    {
        var lines = Texts.Of(value).Split('\n');
        var width = arguments.Take("width", 4L);
        var first = arguments.TakeBool("first", false);
        var blank = arguments.TakeBool("blank", false);
        var padding = width switch
        {
            string text => text,
            long n and >= 0 and <= 256 => new string(' ', (int)n),
            _ => throw arguments.Error("needs a width from 0 to 256"),
        };
        evaluator.Context.CheckLength((long)lines.Length * padding.Length, arguments.Line);
        for (var i = 0; i < lines.Length; i++)
        {
            if ((i > 0 || first) && (blank || lines[i].Length > 0))
                lines[i] = padding + lines[i];
        }
        return string.Join('\n', lines);
    }

    public static string Escape(object? value, Arguments arguments, Evaluator evaluator) => Texts.Of(value)
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&#34;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal);
}
