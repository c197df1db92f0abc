using AttentionOperator.Tokenization.ChatTemplates.Evaluation;

namespace AttentionOperator.Tokenization.ChatTemplates.Library;

/// <summary>Methods of strings, lists and dicts that do not change them.</summary>
internal static class MethodLibrary
{
    public static TemplateFunction? Find(object? target, string name, Evaluator evaluator) => target switch
    {
        string text => StringMethods.Find(text, name, evaluator),
        OrderedDictionary<string, object?> dict => FindDict(dict, name),
        List<object?> list => FindList(list, name),
        _ => null,
    };

    private static TemplateFunction? FindDict(OrderedDictionary<string, object?> dict, string name) => name switch
    {
        "items" => arguments => Ended(arguments, ListFilters.Pairs(dict)),
        "keys" => arguments => Ended(arguments, new List<object?>(dict.Keys)),
        "values" => arguments => Ended(arguments, new List<object?>(dict.Values)),
        "copy" => arguments => Ended(arguments, new OrderedDictionary<string, object?>(dict, StringComparer.Ordinal)),
        "get" => arguments =>
        {
            var key = arguments.Require("key");
            var absent = arguments.Take("default", null);
            return Ended(arguments, key is string text && dict.TryGetValue(text, out var value) ? value : absent);
        }
        ,
        "update" or "pop" or "popitem" or "clear" or "setdefault" => Changing(name),
        _ => null,
    };

    private static TemplateFunction? FindList(List<object?> list, string name) => name switch
    {
        "count" => arguments =>
        {
            var item = arguments.Require("value");
            return Ended(arguments, (long)list.Count(i => Values.AreEqual(i, item)));
        }
        ,
        "index" => arguments =>
        {
            var item = arguments.Require("value");
            var found = list.FindIndex(i => Values.AreEqual(i, item));
            return Ended(arguments, found >= 0 ? (long)found : throw arguments.Error("does not find the value"));
        }
        ,
        "copy" => arguments => Ended(arguments, new List<object?>(list)),
        "append" or "extend" or "insert" or "pop" or "remove" or "clear" or "sort" or "reverse" => Changing(name),
        _ => null,
    };

    // The reference renders in a sandbox of immutable values.
    private static TemplateFunction Changing(string name) => arguments => throw arguments.Error($"would change a value, which templates may not do ('{name}')");

    private static object? Ended(Arguments arguments, object? value)
    {
        arguments.End();
        return value;
    }
}
