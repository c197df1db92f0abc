using System.Text;
using AttentionOperator.Tokenization.ChatTemplates.Evaluation;

namespace AttentionOperator.Tokenization.ChatTemplates.Library;

/// <summary>Filters of lists and dicts.</summary>
internal static class ListFilters
{
    public static object Reverse(object? value, Arguments arguments, Evaluator evaluator)
    {
        var items = new List<object?>(Values.Items(value, arguments.Line));
        items.Reverse();
        return value is string ? string.Concat(items) : items;
    }

    public static string Join(object? value, Arguments arguments, Evaluator evaluator)
    {
        var separator = Texts.Of(arguments.Take("d", ""));
        var attribute = arguments.Take("attribute", null);
        var result = new StringBuilder();
        var first = true;
        foreach (var item in Values.Items(value, arguments.Line))
        {
            if (!first)
                result.Append(separator);
            first = false;
            result.Append(Texts.Of(attribute is null ? item : Attribute(item, attribute, evaluator, arguments)));
            if (result.Length > evaluator.Context.LongestText)
                evaluator.Context.CheckLength(result.Length, arguments.Line);
        }
        return result.ToString();
    }

    public static List<object?> Map(object? value, Arguments arguments, Evaluator evaluator)
    {
        var items = Values.Items(value, arguments.Line);
        if (arguments.Count == 0)
        {
            var attribute = arguments.Require("attribute") ?? throw arguments.Error("needs the name of an attribute");
            var absent = arguments.Take("default", null);
            var hasDefault = arguments.Named.ContainsKey("default");
            return items.ConvertAll(item =>
            {
                var found = Attribute(item, attribute, evaluator, arguments);
                return found is Undefined && hasDefault ? absent : found;
            });
        }
        var name = arguments.RequireText("filter");
        var rest = arguments.Rest(name);
        return items.ConvertAll(item => FilterLibrary.Apply(name, item, rest.Again(), evaluator));
    }

    public static List<object?> Select(object? value, Arguments arguments, Evaluator evaluator, bool byAttribute, bool wanted)
    {
        var items = Values.Items(value, arguments.Line);
        var attribute = byAttribute ? arguments.Require("attribute") : null;
        var test = arguments.Count > (byAttribute ? 1 : 0) ? arguments.RequireText("test") : null;
        var rest = arguments.Rest(test ?? "select");
        return items.FindAll(item =>
        {
            var tested = attribute is null ? item : Attribute(item, attribute, evaluator, arguments);
            return wanted == (test is null ? Values.IsTrue(tested) : TestLibrary.Apply(test, tested, rest.Again(), evaluator));
        });
    }

    public static List<object?> Unique(object? value, Arguments arguments, Evaluator evaluator)
    {
        var ignoresCase = !arguments.TakeBool("case_sensitive", false);
        var attribute = arguments.Take("attribute", null);
        var seen = new List<object?>();
        var result = new List<object?>();
        foreach (var item in Values.Items(value, arguments.Line))
        {
            var key = attribute is null ? item : Attribute(item, attribute, evaluator, arguments);
            if (ignoresCase && key is string text)
                key = text.ToLowerInvariant();
            evaluator.Context.Step(arguments.Line, seen.Count);
            if (seen.Exists(s => Values.AreEqual(s, key)))
                continue;
            seen.Add(key);
            result.Add(item);
        }
        return result;
    }

    public static List<object?> Sort(object? value, Arguments arguments, Evaluator evaluator)
    {
        var reverse = arguments.TakeBool("reverse", false);
        var ignoresCase = !arguments.TakeBool("case_sensitive", false);
        var attribute = arguments.Take("attribute", null);
        return Sorted(Values.Items(value, arguments.Line), item => attribute is null ? item : Attribute(item, attribute, evaluator, arguments), reverse, ignoresCase, arguments);
    }

    public static object? Extreme(object? value, Arguments arguments, int sign)
    {
        var ignoresCase = !arguments.TakeBool("case_sensitive", false);
        var items = Values.Items(value, arguments.Line);
        if (items.Count == 0)
            return new Undefined("there is no item");
        var best = items[0];
        foreach (var item in items)
        {
            if (Order(Key(item, ignoresCase), Key(best, ignoresCase), arguments) * sign > 0)
                best = item;
        }
        return best;
    }

    public static object? Sum(object? value, Arguments arguments, Evaluator evaluator)
    {
        var attribute = arguments.Take("attribute", null);
        var total = arguments.Take("start", 0L);
        foreach (var item in Values.Items(value, arguments.Line))
            total = Arithmetic.Apply("+", total, attribute is null ? item : Attribute(item, attribute, evaluator, arguments), evaluator.Context, arguments.Line);
        return total;
    }

    public static List<object?> Items(object? value, Arguments arguments, Evaluator evaluator) => value switch
    {
        OrderedDictionary<string, object?> dict => Pairs(dict),
        Undefined => [],
        _ => throw arguments.Error($"needs a dict, not {Values.TypeName(value)}"),
    };

    public static List<object?> Pairs(OrderedDictionary<string, object?> dict) => [.. dict.Select(m => (object?)new TupleValue([m.Key, m.Value]))];

    public static List<object?> DictSort(object? value, Arguments arguments, Evaluator evaluator)
    {
        var ignoresCase = !arguments.TakeBool("case_sensitive", false);
        var by = arguments.TakeText("by", "key");
        var reverse = arguments.TakeBool("reverse", false);
        if (value is not OrderedDictionary<string, object?> dict || by is not ("key" or "value"))
            throw arguments.Error("needs a dict, and 'key' or 'value' to sort by");
        return Sorted(Pairs(dict), pair => ((List<object?>)pair!)[by == "key" ? 0 : 1], reverse, ignoresCase, arguments);
    }

    private static List<object?> Sorted(List<object?> items, Func<object?, object?> keyOf, bool reverse, bool ignoresCase, Arguments arguments)
    {
        var keyed = items.Select(item => (Item: item, Key: Key(keyOf(item), ignoresCase)));
        var comparer = Comparer<object?>.Create((a, b) => Order(a, b, arguments) * (reverse ? -1 : 1));
        try
        {
            return [.. keyed.OrderBy(k => k.Key, comparer).Select(k => k.Item)];
        }
        catch (InvalidOperationException e) when (e.InnerException is ChatTemplateException inner)
        {
            throw new ChatTemplateException(inner.Message, arguments.Line, inner: e);
        }
    }

    private static object? Key(object? value, bool ignoresCase) => ignoresCase && value is string text ? text.ToLowerInvariant() : value;

    private static int Order(object? left, object? right, Arguments arguments) =>
        Values.Compare(left, right) ?? throw arguments.Error($"does not compare {Values.TypeName(left)} and {Values.TypeName(right)}");

    // "a.b" walks down; a whole number is an index.
    private static object? Attribute(object? item, object attribute, Evaluator evaluator, Arguments arguments)
    {
        if (attribute is long index)
            return Slicing.Item(item, index);
        foreach (var name in (attribute as string ?? throw arguments.Error("needs the name of an attribute")).Split('.'))
        {
            evaluator.Context.Step(arguments.Line);
            item = long.TryParse(name, out var number) ? Slicing.Item(item, number) : Members.GetItem(item, name, evaluator, arguments.Line);
        }
        return item;
    }
}
