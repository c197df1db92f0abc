using AttentionOperator.Tokenization.ChatTemplates.Evaluation;

namespace AttentionOperator.Tokenization.ChatTemplates.Library;

/// <summary>Methods of strings, as in Python.</summary>
internal static class StringMethods
{
    public static TemplateFunction? Find(string text, string name, Evaluator evaluator)
    {
        TemplateFunction? method = name switch
        {
            "strip" => arguments => StringFilters.Strip(text, arguments.Take("chars", null), true, true, arguments),
            "lstrip" => arguments => StringFilters.Strip(text, arguments.Take("chars", null), true, false, arguments),
            "rstrip" => arguments => StringFilters.Strip(text, arguments.Take("chars", null), false, true, arguments),
            "split" => arguments => Split(text, arguments, fromRight: false),
            "rsplit" => arguments => Split(text, arguments, fromRight: true),
            "splitlines" => arguments => SplitLines(text, arguments.TakeBool("keepends", false)),
            "startswith" => arguments => Affix(arguments, text.StartsWith),
            "endswith" => arguments => Affix(arguments, text.EndsWith),
            "upper" => _ => text.ToUpperInvariant(),
            "lower" => _ => text.ToLowerInvariant(),
            "title" => _ => StringFilters.Title(text),
            "capitalize" => _ => StringFilters.Capitalize(text),
            "replace" => arguments => StringFilters.Replace(
                text, arguments.RequireText("old"), arguments.RequireText("new"), arguments.TakeInteger("count", -1), evaluator.Context, arguments.Line),
            "find" => arguments => Position(text, text.IndexOf(arguments.RequireText("sub"), StringComparison.Ordinal)),
            "rfind" => arguments => Position(text, text.LastIndexOf(arguments.RequireText("sub"), StringComparison.Ordinal)),
            "index" => arguments => text.IndexOf(arguments.RequireText("sub"), StringComparison.Ordinal) is >= 0 and var at
                ? Position(text, at) : throw arguments.Error("does not find the string"),
            "count" => arguments => Count(text, arguments.RequireText("sub"), arguments),
            "join" => arguments => Join(text, arguments, evaluator),
            "removeprefix" => arguments => arguments.RequireText("prefix") is var prefix && text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text,
            "removesuffix" => arguments => arguments.RequireText("suffix") is { Length: > 0 } suffix && text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text,
            "isdigit" or "isdecimal" or "isnumeric" => _ => text.Length > 0 && text.All(char.IsDigit),
            "isalpha" => _ => text.Length > 0 && text.All(char.IsLetter),
            "isalnum" => _ => text.Length > 0 && text.All(char.IsLetterOrDigit),
            "isspace" => _ => text.Length > 0 && text.All(Texts.IsSpace),
            "isupper" => _ => text.Any(char.IsUpper) && !text.Any(char.IsLower),
            "islower" => _ => text.Any(char.IsLower) && !text.Any(char.IsUpper),
            "format" or "format_map" or "encode" or "translate" or "zfill" or "ljust" or "rjust" or "center" or "partition" or "rpartition" or "swapcase" or "casefold" or "expandtabs" =>
                arguments => throw new ChatTemplateException($"the string method '{name}' is not supported", arguments.Line),
            _ => null,
        };
        if (method is null)
            return null;
        return arguments =>
        {
            evaluator.Context.CheckLength(text.Length, arguments.Line);
            var result = method(arguments);
            arguments.End();
            return result is string made ? evaluator.Context.Made(made, arguments.Line) : result;
        };
    }

    private static bool Affix(Arguments arguments, Func<string, StringComparison, bool> has) => arguments.Require("prefix") switch
    {
        string affix => has(affix, StringComparison.Ordinal),
        List<object?> any => any.Exists(a => a is string affix && has(affix, StringComparison.Ordinal)),
        _ => throw arguments.Error("needs a string or a tuple of strings"),
    };

    // Positions count scalars.
    private static long Position(string text, int index) => index < 0 ? -1L : Texts.Length(text[..index]);

    private static long Count(string text, string part, Arguments arguments)
    {
        if (part.Length == 0)
            throw arguments.Error("needs a string that is not empty");
        long count = 0;
        for (var at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + part.Length, StringComparison.Ordinal))
            count++;
        return count;
    }

    private static string Join(string separator, Arguments arguments, Evaluator evaluator)
    {
        var items = Values.Items(arguments.Require("iterable"), arguments.Line);
        var length = (long)separator.Length * items.Count;
        foreach (var item in items)
            length += (item as string ?? throw arguments.Error($"needs strings, not {Values.TypeName(item)}")).Length;
        evaluator.Context.CheckLength(length, arguments.Line);
        return string.Join(separator, items);
    }

    private static List<object?> SplitLines(string text, bool keepsEnds)
    {
        var lines = new List<object?>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('\n' or '\r' or '\v' or '\f' or '\u001C' or '\u001D' or '\u001E' or '\u0085' or '\u2028' or '\u2029'))
                continue;
            var end = text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n' ? i + 2 : i + 1;
            lines.Add(text[start..(keepsEnds ? end : i)]);
            start = end;
            i = end - 1;
        }
        if (start < text.Length)
            lines.Add(text[start..]);
        return lines;
    }

    private static List<object?> Split(string text, Arguments arguments, bool fromRight)
    {
        var separator = arguments.Take("sep", null);
        var most = arguments.TakeInteger("maxsplit", -1);
        if (separator is null)
            return SplitAtSpace(text, most, fromRight);
        if (separator is not string { Length: > 0 } mark)
            throw arguments.Error("needs a separator that is not empty");
        var parts = new List<object?>();
        if (fromRight)
        {
            var end = text.Length;
            while (most != 0 && end >= mark.Length && text.LastIndexOf(mark, end - 1, StringComparison.Ordinal) is >= 0 and var at)
            {
                parts.Add(text[(at + mark.Length)..end]);
                end = at;
                most--;
            }
            parts.Add(text[..end]);
            parts.Reverse();
            return parts;
        }
        var start = 0;
        while (most != 0 && text.IndexOf(mark, start, StringComparison.Ordinal) is >= 0 and var found)
        {
            parts.Add(text[start..found]);
            start = found + mark.Length;
            most--;
        }
        parts.Add(text[start..]);
        return parts;
    }

    private static List<object?> SplitAtSpace(string text, long most, bool fromRight)
    {
        var words = new List<(int Start, int End)>();
        for (var i = 0; i < text.Length;)
        {
            if (Texts.IsSpace(text[i]))
            {
                i++;
                continue;
            }
            var start = i;
            while (i < text.Length && !Texts.IsSpace(text[i]))
                i++;
            words.Add((start, i));
        }
        if (most < 0 || words.Count <= most + 1)
            return [.. words.Select(w => text[w.Start..w.End])];
        var kept = (int)most;
        return fromRight
            ? [text[..words[^(kept + 1)].End].TrimStart(), .. words.TakeLast(kept).Select(w => text[w.Start..w.End])]
            : [.. words.Take(kept).Select(w => text[w.Start..w.End]), text[words[kept].Start..]];
    }
}
