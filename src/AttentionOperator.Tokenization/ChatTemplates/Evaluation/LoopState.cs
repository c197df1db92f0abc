namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>The variable <c>loop</c>.</summary>
internal sealed class LoopState(IReadOnlyList<object?> items)
{
    private object?[]? lastChanged;

    public int Index { get; set; }

    public object? Get(string name) => name switch
    {
        "index" => (long)Index + 1,
        "index0" => (long)Index,
        "revindex" => (long)items.Count - Index,
        "revindex0" => (long)items.Count - Index - 1,
        "first" => Index == 0,
        "last" => Index == items.Count - 1,
        "length" => (long)items.Count,
        // Only recursive loops are deeper.
        "depth" => 1L,
        "depth0" => 0L,
        "previtem" => Index > 0 ? items[Index - 1] : new Undefined("there is no previous item"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new Undefined("there is no next item"),
        "cycle" => (TemplateFunction)(arguments => arguments.Count > 0
            ? arguments.Positional[Index % arguments.Count]
            : throw arguments.Error("needs arguments")),
        "changed" => (TemplateFunction)(arguments => Changed(arguments)),
        _ => new Undefined($"'loop' has no attribute '{name}'"),
    };

    private bool Changed(Arguments arguments)
    {
        var changed = lastChanged is null || lastChanged.Length != arguments.Count
            || !lastChanged.Zip(arguments.Positional).All(pair => Values.AreEqual(pair.First, pair.Second));
        lastChanged = arguments.Positional;
        return changed;
    }
}
