using System.Collections;
using System.Numerics;

namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>What template values mean: truth, equality, order, membership, iteration, as in Python.</summary>
internal static class Values
{
    private const int DeepestNesting = 100;

    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool b => b,
        long n => n != 0,
        BigInteger n => !n.IsZero,
        double d => d != 0,
        string s => s.Length > 0,
        List<object?> list => list.Count > 0,
        OrderedDictionary<string, object?> dict => dict.Count > 0,
        _ => true,
    };

    public static string TypeName(object? value) => value switch
    {
        null => "NoneType",
        Undefined => "Undefined",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        string => "str",
        TupleValue => "tuple",
        List<object?> => "list",
        OrderedDictionary<string, object?> => "dict",
        TemplateNamespace => "namespace",
        TemplateFunction => "function",
        _ => "object",
    };

    public static bool AreEqual(object? left, object? right) => AreEqual(left, right, 0);

    /// <summary>Order of numbers and strings; null where the two have none.</summary>
    public static int? Compare(object? left, object? right)
    {
        if (left is string a && right is string b)
            return CompareScalars(a, b);
        if (Number(left) is { } x && Number(right) is { } y)
            return x is BigInteger i && y is BigInteger j ? i.CompareTo(j) : ToDouble(x).CompareTo(ToDouble(y));
        if (left is List<object?> first && right is List<object?> second)
        {
            for (var i = 0; i < Math.Min(first.Count, second.Count); i++)
            {
                if (!AreEqual(first[i], second[i]))
                    return Compare(first[i], second[i]);
            }
            return first.Count.CompareTo(second.Count);
        }
        return null;
    }

    public static bool Contains(object? container, object? item, int line) => container switch
    {
        string text => item is string part
            ? text.Contains(part, StringComparison.Ordinal)
            : throw new ChatTemplateException($"'in' needs a string on the left of a string, not {TypeName(item)}", line),
        List<object?> list => list.Exists(i => AreEqual(i, item)),
        OrderedDictionary<string, object?> dict => item is string key && dict.ContainsKey(key),
        Undefined => false,
        _ => throw new ChatTemplateException($"a value of type {TypeName(container)} has no items to look in", line),
    };

    /// <summary>Items of a list, keys of a dict, characters of a string.</summary>
    public static List<object?> Items(object? value, int line) => value switch
    {
        List<object?> list => list,
        OrderedDictionary<string, object?> dict => [.. dict.Keys],
        string text => [.. Texts.Scalars(text)],
        Undefined => [],
        _ => throw new ChatTemplateException($"a value of type {TypeName(value)} cannot be iterated", line),
    };

    public static bool IsNumber(object? value) => value is long or BigInteger or double;

    public static double ToDouble(object value) => value switch
    {
        double d => d,
        long n => n,
        BigInteger n => (double)n,
        _ => throw new InvalidOperationException("not a number"),
    };

    // Whole numbers as BigInteger, others as double; bool counts as a number.
    private static object? Number(object? value) => value switch
    {
        bool b => new BigInteger(b ? 1 : 0),
        long n => new BigInteger(n),
        BigInteger or double => value,
        _ => null,
    };

    private static bool AreEqual(object? left, object? right, int depth)
    {
        if (depth > DeepestNesting)
            throw new ChatTemplateException($"compared values are nested deeper than {DeepestNesting}", 0);
        if (ReferenceEquals(left, right))
            return true;
        if (Number(left) is { } x && Number(right) is { } y)
            return x is BigInteger i && y is BigInteger j ? i == j : ToDouble(x) == ToDouble(y);
        switch (left, right)
        {
            case (string a, string b):
                return string.Equals(a, b, StringComparison.Ordinal);
            case (Undefined, Undefined):
                return true;
            case (List<object?> a, List<object?> b):
                return a.Count == b.Count && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second, depth + 1));
            case (OrderedDictionary<string, object?> a, OrderedDictionary<string, object?> b):
                return a.Count == b.Count && a.All(m => b.TryGetValue(m.Key, out var other) && AreEqual(m.Value, other, depth + 1));
            default:
                return false;
        }
    }

    // By scalar value, not by UTF-16 code unit.
    private static int CompareScalars(string a, string b)
    {
        for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            if (a[i] != b[i])
                return char.IsSurrogate(a[i]) == char.IsSurrogate(b[i]) ? a[i].CompareTo(b[i]) : char.IsSurrogate(a[i]) ? 1 : -1;
        }
        return a.Length.CompareTo(b.Length);
    }
}
