using System.Globalization;
using System.Numerics;
using System.Text;

namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>Text of values, as Python prints them.</summary>
internal static class Texts
{
    private const int DeepestNesting = 100;

    /// <summary>What <c>{{ value }}</c> prints.</summary>
    public static string Of(object? value) => value switch
    {
        string text => text,
        Undefined => "",
        long number => number.ToString(CultureInfo.InvariantCulture),
        _ => Quoted(value),
    };

    /// <summary>The form inside a printed list.</summary>
    public static string Quoted(object? value)
    {
        var text = new StringBuilder();
        Append(text, value, 0);
        return text.ToString();
    }

    public static string OfDouble(double value)
    {
        if (double.IsNaN(value))
            return "nan";
        if (double.IsInfinity(value))
            return value > 0 ? "inf" : "-inf";
        if (value == 0)
            return double.IsNegative(value) ? "-0.0" : "0.0";
        // Shortest digits that read back as the same number, laid out as Python's repr does.
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var digits = Digits(shortest, out var exponent);
        var sign = value < 0 ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            var mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
            return $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }
        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        return digits.Length <= exponent + 1
            ? $"{sign}{digits}{new string('0', exponent + 1 - digits.Length)}.0"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    /// <summary>The scalars of a string, each as a string.</summary>
    public static IEnumerable<string> Scalars(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            var length = Text.Scalars.LengthAt(text, i);
            yield return text.Substring(i, length);
            i += length;
        }
    }

    public static long Length(string text)
    {
        long count = 0;
        for (var i = 0; i < text.Length; i += Text.Scalars.LengthAt(text, i))
            count++;
        return count;
    }

    /// <summary>What Python's <c>str.isspace</c> takes for white space.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    // Significant digits without leading or trailing zeros, and the exponent of the first.
    private static string Digits(string shortest, out int exponent)
    {
        var text = shortest.TrimStart('-');
        var e = text.IndexOf('E', StringComparison.Ordinal);
        exponent = e < 0 ? 0 : int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? text : text[..e];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? mantissa : mantissa[..point];
        var all = whole + (point < 0 ? "" : mantissa[(point + 1)..]);
        var leading = all.Length - all.TrimStart('0').Length;
        exponent += whole.Length - 1 - leading;
        return all.Trim('0');
    }

    private static void Append(StringBuilder text, object? value, int depth)
    {
        if (depth > DeepestNesting)
            throw new ChatTemplateException($"a printed value is nested deeper than {DeepestNesting}", 0);
        switch (value)
        {
            case null:
                text.Append("None");
                break;
            case bool b:
                text.Append(b ? "True" : "False");
                break;
            case long n:
                text.Append(n.ToString(CultureInfo.InvariantCulture));
                break;
            case BigInteger n:
                text.Append(n.ToString(CultureInfo.InvariantCulture));
                break;
            case double d:
                text.Append(OfDouble(d));
                break;
            case string s:
                AppendQuoted(text, s);
                break;
            case Undefined:
                text.Append("Undefined");
                break;
            case List<object?> list:
                text.Append(list is TupleValue ? '(' : '[');
                for (var i = 0; i < list.Count; i++)
                {
                    text.Append(i > 0 ? ", " : "");
                    Append(text, list[i], depth + 1);
                }
                text.Append(list is not TupleValue ? "]" : list.Count == 1 ? ",)" : ")");
                break;
            case OrderedDictionary<string, object?> dict:
                text.Append('{');
                var separator = "";
                foreach (var (key, item) in dict)
                {
                    text.Append(separator);
                    AppendQuoted(text, key);
                    text.Append(": ");
                    Append(text, item, depth + 1);
                    separator = ", ";
                }
                text.Append('}');
                break;
            default:
                throw new ChatTemplateException($"a value of type {Values.TypeName(value)} has no text", 0);
        }
    }

    private static void AppendQuoted(StringBuilder text, string value)
    {
        var quote = value.Contains('\'', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        text.Append(quote);
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                _ when c == quote => text.Append('\\').Append(c),
                < ' ' or '\u007F' => text.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => text.Append(c),
            };
        }
        text.Append(quote);
    }
}
