namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>Indices and slices, as in Python.</summary>
internal static class Slicing
{
    public static object? Slice(object? target, long? start, long? stop, long? step, int line)
    {
        var items = target switch
        {
            List<object?> list => list,
            string text => [.. Texts.Scalars(text)],
            Undefined missing => throw new ChatTemplateException(missing.What, line),
            _ => throw new ChatTemplateException($"a value of type {Values.TypeName(target)} has no slices", line),
        };
        var stride = step ?? 1;
        if (stride == 0)
            throw new ChatTemplateException("the step of a slice is zero", line);
        var count = items.Count;
        var first = Clamp(start, stride > 0 ? 0 : count - 1, stride > 0 ? 0 : -1, stride > 0 ? count : count - 1, count);
        var last = Clamp(stop, stride > 0 ? count : -1, stride > 0 ? 0 : -1, stride > 0 ? count : count - 1, count);
        var result = new List<object?>();
        for (var i = first; stride > 0 ? i < last : i > last;)
        {
            result.Add(items[(int)i]);
            if (Math.Abs(stride) > count)
                break;
            i += stride;
        }
        return target is string ? string.Concat(result) : result;
    }

    /// <summary>An item, or undefined where the index is outside.</summary>
    public static object? Item(object? target, long index)
    {
        switch (target)
        {
            case List<object?> list:
                var at = index < 0 ? index + list.Count : index;
                return at >= 0 && at < list.Count ? list[(int)at] : new Undefined($"the list has no item {index}");
            case string text:
                var scalars = Texts.Scalars(text).ToList();
                var position = index < 0 ? index + scalars.Count : index;
                return position >= 0 && position < scalars.Count ? scalars[(int)position] : new Undefined($"the string has no character {index}");
            default:
                return new Undefined($"a value of type {Values.TypeName(target)} has no item {index}");
        }
    }

    private static long Clamp(long? value, long absent, long low, long high, long count)
    {
        if (value is not { } index)
            return absent;
        if (index < 0)
            index = index < -count ? low : index + count;
        return Math.Clamp(index, low, Math.Max(high, low));
    }
}
