using AttentionOperator.Tokenization.ChatTemplates.Library;

namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>Attributes and items of values.</summary>
internal static class Members
{
    /// <summary><c>target.name</c>: a method first, then an item.</summary>
    public static object? Get(object? target, string name, Evaluator evaluator, int line)
    {
        if (target is Undefined missing)
            throw new ChatTemplateException(missing.What, line);
        return target switch
        {
            TemplateNamespace space => space.Attributes.TryGetValue(name, out var attribute)
                ? attribute : new Undefined($"the namespace has no attribute '{name}'"),
            LoopState loop => loop.Get(name),
            _ => MethodLibrary.Find(target, name, evaluator)
                ?? (target is OrderedDictionary<string, object?> dict && dict.TryGetValue(name, out var item)
                    ? item
                    : new Undefined($"a value of type {Values.TypeName(target)} has no attribute '{name}'")),
        };
    }

    /// <summary><c>target[key]</c>: an item first, then a method.</summary>
    public static object? GetItem(object? target, object? key, Evaluator evaluator, int line)
    {
        if (target is Undefined missing)
            throw new ChatTemplateException(missing.What, line);
        switch (key)
        {
            case long index:
                return Slicing.Item(target, index);
            case bool flag:
                return Slicing.Item(target, flag ? 1 : 0);
            case string name when target is OrderedDictionary<string, object?> dict && dict.TryGetValue(name, out var value):
                return value;
            case string name:
                return Get(target, name, evaluator, line);
            case Undefined undefined:
                throw new ChatTemplateException(undefined.What, line);
            default:
                return new Undefined($"a value of type {Values.TypeName(target)} has no such item");
        }
    }
}
