using System.Globalization;
using System.Numerics;
using System.Text;

namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>JSON as Python's <c>json.dumps</c> writes it, without escaping what is not ASCII.</summary>
internal sealed class JsonText(int? indent, string itemSeparator, string keySeparator, bool sortsKeys, bool escapesNonAscii)
{
    private const int DeepestNesting = 100;

    private readonly StringBuilder text = new();

    public static readonly (string Item, string Key) Separators = (", ", ": ");

    public string Write(object? value, int line)
    {
        Append(value, 0, line);
        return text.ToString();
    }

    private void Append(object? value, int depth, int line)
    {
        if (depth > DeepestNesting)
            throw new ChatTemplateException($"'tojson' is nested deeper than {DeepestNesting}", line);
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case bool b:
                text.Append(b ? "true" : "false");
                break;
            case long or BigInteger:
                text.Append(Texts.Of(value));
                break;
            case double d:
                text.Append(double.IsNaN(d) ? "NaN" : double.IsInfinity(d) ? d > 0 ? "Infinity" : "-Infinity" : Texts.OfDouble(d));
                break;
            case string s:
                AppendString(s);
                break;
            case List<object?> list:
                AppendItems('[', ']', list, item => Append(item, depth + 1, line), depth);
                break;
            case OrderedDictionary<string, object?> dict:
                var members = sortsKeys ? dict.OrderBy(m => m.Key, StringComparer.Ordinal) : (IEnumerable<KeyValuePair<string, object?>>)dict;
                AppendItems('{', '}', [.. members], member =>
                {
                    AppendString(member.Key);
                    text.Append(keySeparator);
                    Append(member.Value, depth + 1, line);
                }, depth);
                break;
            case Undefined undefined:
                throw new ChatTemplateException($"'tojson' of an undefined value: {undefined.What}", line);
            default:
                throw new ChatTemplateException($"'tojson' of a value of type {Values.TypeName(value)} is not supported", line);
        }
    }

    private void AppendItems<T>(char open, char close, List<T> items, Action<T> append, int depth)
    {
        text.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                text.Append(itemSeparator);
            BreakLine(depth + 1);
            append(items[i]);
        }
        if (items.Count > 0)
            BreakLine(depth);
        text.Append(close);
    }

    private void BreakLine(int depth)
    {
        if (indent is { } width)
            text.Append('\n').Append(' ', width * depth);
    }

    private void AppendString(string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' => AppendEscape(c),
                > '~' when escapesNonAscii => AppendEscape(c),
                _ => text.Append(c),
            };
        }
        text.Append('"');
    }

    private StringBuilder AppendEscape(char c) => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
}
