namespace AttentionOperator.Sandbox.Schema;

/// <summary>What the API says about a field beyond its type: required, list kind, map keys, patch strategy. Read from <c>field-facts.txt</c>.</summary>
internal sealed record FieldFacts(bool Required, string? ListType, IReadOnlyList<string> MapKeys, bool Atomic, string? MergeKey, string? Strategy)
{
    public static IReadOnlyDictionary<string, FieldFacts> All { get; } = Load();

    public static FieldFacts? Of(string type, string field) => All.GetValueOrDefault($"{type}.{field}");

    public static bool IsAtomicType(string type) => All.ContainsKey($"{type}.@atomic");

    private static Dictionary<string, FieldFacts> Load()
    {
        using var stream = typeof(FieldFacts).Assembly.GetManifestResourceStream("field-facts.txt")
            ?? throw new InvalidOperationException("The embedded resource field-facts.txt is missing.");
        using var reader = new StreamReader(stream);
        var facts = new Dictionary<string, FieldFacts>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#') continue;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            foreach (var entry in line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
                Add(facts, line[..colon], entry);
        }

        return facts;
    }

    private static void Add(Dictionary<string, FieldFacts> facts, string type, string entry)
    {
        var open = entry.IndexOf('(', StringComparison.Ordinal);
        var field = open < 0 ? entry : entry[..open];
        var fact = new FieldFacts(false, null, [], false, null, null);
        foreach (var word in open < 0 ? [] : entry[(open + 1)..^1].Split(','))
        {
            var value = word.Contains('=', StringComparison.Ordinal) ? word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..] : "";
            fact = word.Split('=')[0] switch
            {
                "required" => fact with { Required = true },
                "set" => fact with { ListType = "set" },
                "map" => fact with { ListType = "map", MapKeys = value.Split('+') },
                "atomic" => fact with { Atomic = true },
                "key" => fact with { MergeKey = value },
                "patch" => fact with { Strategy = value.Replace('+', ',') },
                _ => throw new InvalidOperationException($"field-facts.txt: {type}.{field}: unknown word '{word}'"),
            };
        }

        facts[$"{type}.{field}"] = fact;
    }
}
