using System.Globalization;
using System.Numerics;
using AttentionOperator.Tokenization.ChatTemplates.Evaluation;

namespace AttentionOperator.Tokenization.ChatTemplates.Library;

/// <summary>Filters by name; those of strings and of lists live in classes of their own.</summary>
internal static class FilterLibrary
{
    private delegate object? FilterFunction(object? value, Arguments arguments, Evaluator evaluator);

    private static readonly Dictionary<string, FilterFunction> Filters = new(StringComparer.Ordinal)
    {
        ["default"] = Default,
        ["d"] = Default,
        ["tojson"] = ToJson,
        ["string"] = (value, _, _) => Texts.Of(value),
        ["int"] = ToInteger,
        ["float"] = (value, arguments, _) => ToFloat(value, arguments),
        ["abs"] = (value, arguments, _) => value switch
        {
            long n and > long.MinValue => (object)Math.Abs(n),
            double d => Math.Abs(d),
            _ => throw arguments.Error($"needs a number, not {Values.TypeName(value)}"),
        },
        ["round"] = (value, arguments, _) => Round(value, arguments),
        ["length"] = (value, arguments, _) => Length(value, arguments),
        ["count"] = (value, arguments, _) => Length(value, arguments),
        ["safe"] = (value, _, _) => value,
        ["trim"] = StringFilters.Trim,
        ["upper"] = (value, _, _) => Texts.Of(value).ToUpperInvariant(),
        ["lower"] = (value, _, _) => Texts.Of(value).ToLowerInvariant(),
        ["capitalize"] = (value, _, _) => StringFilters.Capitalize(Texts.Of(value)),
        ["title"] = (value, _, _) => StringFilters.Title(Texts.Of(value)),
        ["replace"] = StringFilters.Replace,
        ["indent"] = StringFilters.Indent,
        ["escape"] = StringFilters.Escape,
        ["e"] = StringFilters.Escape,
        ["wordcount"] = (value, _, _) => (long)Texts.Of(value).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length,
        ["first"] = (value, arguments, _) => Values.Items(value, arguments.Line) is { Count: > 0 } items ? items[0] : new Undefined("there is no first item"),
        ["last"] = (value, arguments, _) => Values.Items(value, arguments.Line) is { Count: > 0 } items ? items[^1] : new Undefined("there is no last item"),
        ["list"] = (value, arguments, _) => new List<object?>(Values.Items(value, arguments.Line)),
        ["reverse"] = ListFilters.Reverse,
        ["join"] = ListFilters.Join,
        ["map"] = ListFilters.Map,
        ["select"] = (value, arguments, evaluator) => ListFilters.Select(value, arguments, evaluator, byAttribute: false, wanted: true),
        ["reject"] = (value, arguments, evaluator) => ListFilters.Select(value, arguments, evaluator, byAttribute: false, wanted: false),
        ["selectattr"] = (value, arguments, evaluator) => ListFilters.Select(value, arguments, evaluator, byAttribute: true, wanted: true),
        ["rejectattr"] = (value, arguments, evaluator) => ListFilters.Select(value, arguments, evaluator, byAttribute: true, wanted: false),
        ["unique"] = ListFilters.Unique,
        ["sort"] = ListFilters.Sort,
        ["min"] = (value, arguments, _) => ListFilters.Extreme(value, arguments, -1),
        ["max"] = (value, arguments, _) => ListFilters.Extreme(value, arguments, 1),
        ["sum"] = ListFilters.Sum,
        ["items"] = ListFilters.Items,
        ["dictsort"] = ListFilters.DictSort,
        ["attr"] = (value, arguments, evaluator) => Members.Get(value, arguments.RequireText("name"), evaluator, arguments.Line),
    };

    public static bool Exists(string name) => Filters.ContainsKey(name);

    public static object? Apply(string name, object? value, Arguments arguments, Evaluator evaluator)
    {
        if (!Filters.TryGetValue(name, out var filter))
            throw new ChatTemplateException($"the filter '{name}' is not supported", arguments.Line);
        if (value is List<object?> list)
            evaluator.Context.Step(arguments.Line, list.Count);
        var result = filter(value, arguments, evaluator);
        arguments.End();
        return result is string text ? evaluator.Context.Made(text, arguments.Line) : result;
    }

    private static object? Default(object? value, Arguments arguments, Evaluator evaluator)
    {
        var absent = arguments.Take("default_value", "");
        return arguments.TakeBool("boolean", false) ? Values.IsTrue(value) ? value : absent : value is Undefined ? absent : value;
    }

    private static long Length(object? value, Arguments arguments) => value switch
    {
        string text => Texts.Length(text),
        List<object?> list => (long)list.Count,
        OrderedDictionary<string, object?> dict => (long)dict.Count,
        Undefined => 0L,
        _ => throw arguments.Error($"of a value of type {Values.TypeName(value)}"),
    };

    private static string ToJson(object? value, Arguments arguments, Evaluator evaluator)
    {
        // The order of the reference's own filter: ensure_ascii, indent, separators, sort_keys.
        if (arguments.Count > 1)
            throw arguments.Error("takes its options by name");
        var indent = arguments.Count == 1 ? arguments.Take("indent", null) : null;
        var escapes = arguments.TakeBool("ensure_ascii", false);
        indent ??= arguments.Take("indent", null);
        var separators = arguments.Take("separators", null) as List<object?>;
        var sorts = arguments.TakeBool("sort_keys", false);
        if (indent is not (null or long and >= 0 and <= 64) || separators is { Count: not 2 })
            throw arguments.Error("needs an indent from 0 to 64 and two separators");
        var item = separators is null ? indent is null ? JsonText.Separators.Item : "," : Texts.Of(separators[0]);
        var key = separators is null ? JsonText.Separators.Key : Texts.Of(separators[1]);
        return new JsonText(indent is long width ? (int)width : null, item, key, sorts, escapes).Write(value, arguments.Line);
    }

    private static object ToInteger(object? value, Arguments arguments, Evaluator evaluator)
    {
        var absent = arguments.TakeInteger("default", 0);
        return value switch
        {
            long or BigInteger => value,
            bool b => b ? 1L : 0L,
            double d when Math.Abs(d) < 9e18 => (long)d,
            string text when long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var n) => n,
            string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) && Math.Abs(d) < 9e18 => (long)d,
            _ => absent,
        };
    }

    private static double ToFloat(object? value, Arguments arguments)
    {
        var absent = arguments.Take("default", 0.0) is double d ? d : 0.0;
        return value switch
        {
            double or long or BigInteger => Values.ToDouble(value),
            bool b => b ? 1.0 : 0.0,
            string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) => parsed,
            _ => absent,
        };
    }

    private static double Round(object? value, Arguments arguments)
    {
        var digits = arguments.TakeInteger("precision", 0);
        var method = arguments.TakeText("method", "common");
        if (!Values.IsNumber(value) || digits is < 0 or > 15)
            throw arguments.Error("needs a number and a precision from 0 to 15");
        var scale = Math.Pow(10, digits);
        var number = Values.ToDouble(value!);
        return method switch
        {
            "common" => Math.Round(number, (int)digits, MidpointRounding.ToEven),
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            _ => throw arguments.Error($"does not know the method '{method}'"),
        };
    }
}
