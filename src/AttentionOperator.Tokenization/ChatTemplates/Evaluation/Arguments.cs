namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>Evaluated arguments of a call, filter or test; every one must be taken.</summary>
internal sealed class Arguments(string function, object?[] positional, IReadOnlyDictionary<string, object?> named, int line)
{
    private int taken;
    private int namedTaken;

    public int Line => line;

    public int Count => positional.Length;

    public object?[] Positional => positional;

    public IReadOnlyDictionary<string, object?> Named => named;

    /// <summary>The next argument by position, or the one of that name.</summary>
    public object? Take(string name, object? absent)
    {
        if (taken < positional.Length)
            return positional[taken++];
        if (!named.TryGetValue(name, out var value))
            return absent;
        namedTaken++;
        return value;
    }

    public object? Require(string name) =>
        taken < positional.Length || named.ContainsKey(name) ? Take(name, null) : throw Error($"needs the argument '{name}'");

    public string TakeText(string name, string absent) =>
        Take(name, absent) as string ?? throw Error($"needs a string as '{name}'");

    public string RequireText(string name) => Require(name) as string ?? throw Error($"needs a string as '{name}'");

    public long TakeInteger(string name, long absent) => Take(name, absent) switch
    {
        long value => value,
        bool value => value ? 1 : 0,
        _ => throw Error($"needs a whole number as '{name}'"),
    };

    public bool TakeBool(string name, bool absent) => Values.IsTrue(Take(name, absent));

    /// <summary>Complains about what was not taken.</summary>
    public void End()
    {
        if (taken < positional.Length)
            throw Error($"takes {taken} arguments, not {positional.Length}");
        if (namedTaken < named.Count)
            throw Error($"has an argument that is not supported: {string.Join(", ", named.Keys)}");
    }

    /// <summary>What remains, for a filter or test that is applied to every item.</summary>
    public Arguments Rest(string name)
    {
        var rest = new Arguments(name, positional[taken..], named, line);
        taken = positional.Length;
        namedTaken = named.Count;
        return rest;
    }

    public Arguments Again() => new(function, positional, named, line);

    public ChatTemplateException Error(string message) => new($"'{function}' {message}", line);
}
