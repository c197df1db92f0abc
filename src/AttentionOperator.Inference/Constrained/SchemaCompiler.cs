using System.Text.Json;
using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Inference.Constrained;

/// <summary>
/// JSON Schema (2020-12, a subset) to a grammar all of whose sentences satisfy the schema. Properties come in the order of the schema. Where
/// <c>additionalProperties</c> is not said, objects with <c>properties</c> have no others: that is narrower than the schema, never wider.
/// A keyword that cannot be guaranteed is refused by name; none is ignored except annotations.
/// </summary>
internal sealed class SchemaCompiler
{
    private const int MaxUnrolledItems = 1024;
    private const int MaxUnrolledCharacters = 4096;
    private const int MaxStates = 200_000;
    private static readonly HashSet<string> Annotations =
        ["title", "description", "default", "examples", "$schema", "$id", "$comment", "$defs", "definitions", "deprecated", "readOnly", "writeOnly"];

    private static readonly HashSet<string> Assertions =
        ["type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minLength", "maxLength", "format",
         "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];

    private static readonly string[] Limits = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];

    private readonly Grammar grammar = new();
    private readonly JsonRules json;
    private readonly ContainerRules containers;
    private readonly FormatRules formats;
    private readonly Dictionary<string, int> references = [];
    private readonly JsonElement root;

    private SchemaCompiler(JsonElement root)
    {
        this.root = root;
        json = new JsonRules(grammar);
        containers = new ContainerRules(grammar, json);
        formats = new FormatRules(grammar);
    }

    /// <exception cref="RequestRefusedException">The schema cannot be guaranteed; the message names the keyword and where it is.</exception>
    public static Grammar Compile(string schema)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(schema);
        }
        catch (JsonException exception)
        {
            throw Refused($"The JSON schema is not JSON: {exception.Message}");
        }

        using (document)
        {
            var compiler = new SchemaCompiler(document.RootElement);
            compiler.grammar.Root = compiler.Reference("#", "#");
            if (LeftRecursion.Exists(compiler.grammar)) throw Refused("$ref in the JSON schema leads back to itself without a value in between.");
            return compiler.grammar;
        }
    }

    private int Schema(JsonElement schema, string path)
    {
        if (grammar.States.Count > MaxStates) throw Refused($"The JSON schema is too large at {path}.");
        if (schema.ValueKind == JsonValueKind.True) return json.Value;
        if (schema.ValueKind != JsonValueKind.Object) throw Refused($"{path} of the JSON schema is {schema.ValueKind}; expected an object or true.");

        if (schema.TryGetProperty("$ref", out var reference))
        {
            Only(schema, path, "$ref");
            return Reference(Text(reference, $"{path}/$ref"), path);
        }

        if (schema.TryGetProperty("const", out var constant))
        {
            Only(schema, path, "const", "type");
            return Constants([constant], schema, path, "const");
        }

        if (schema.TryGetProperty("enum", out var values))
        {
            Only(schema, path, "enum", "type");
            return Constants([.. Elements(values, $"{path}/enum")], schema, path, "enum");
        }

        if (schema.TryGetProperty("anyOf", out var any))
        {
            Only(schema, path, "anyOf");
            var rule = grammar.Rule();
            json.Choose(rule, [.. Elements(any, $"{path}/anyOf").Select((s, i) => Schema(s, $"{path}/anyOf/{i}"))]);
            return rule;
        }

        if (schema.TryGetProperty("allOf", out var all) && all.ValueKind == JsonValueKind.Array && all.GetArrayLength() == 1)
        {
            Only(schema, path, "allOf");
            return Schema(all[0], $"{path}/allOf/0");
        }

        Only(schema, path, [.. Assertions]);
        int[] types = [.. Types(schema, path).Select(t => OfType(t, schema, path))];
        if (types.Length == 1) return types[0];
        var choice = grammar.Rule();
        json.Choose(choice, types);
        return choice;
    }

    private int OfType(string type, JsonElement schema, string path) => type switch
    {
        "object" => ObjectOf(schema, path),
        "array" => ArrayOf(schema, path),
        "string" => TextOf(schema, path),
        "integer" => IntegerOf(schema, path),
        "number" => NumberOf(schema, path),
        "boolean" => json.Boolean,
        "null" => json.Null,
        "any" => json.Value,
        _ => throw Refused($"{path}/type of the JSON schema is {type}, which is no type."),
    };

    private int ObjectOf(JsonElement schema, string path)
    {
        var required = schema.TryGetProperty("required", out var names)
            ? Elements(names, $"{path}/required", true).Select(e => Text(e, $"{path}/required")).ToList()
            : [];
        List<PropertyRule> properties = [];
        var declared = schema.TryGetProperty("properties", out var entries);
        if (declared)
        {
            if (entries.ValueKind != JsonValueKind.Object) throw Refused($"{path}/properties of the JSON schema is no object.");
            foreach (var entry in entries.EnumerateObject())
            {
                if (properties.Any(p => p.Name == entry.Name)) throw Refused($"{path}/properties of the JSON schema has {entry.Name} twice.");
                properties.Add(new PropertyRule(entry.Name, Schema(entry.Value, $"{path}/properties/{entry.Name}"), required.Contains(entry.Name)));
            }
        }

        int? others = null;
        if (schema.TryGetProperty("additionalProperties", out var additional))
        {
            if (additional.ValueKind != JsonValueKind.False) others = Schema(additional, $"{path}/additionalProperties");
        }
        else if (!declared)
        {
            others = json.Value;
        }

        foreach (var name in required.Distinct().Where(n => properties.All(p => p.Name != n)).ToList())
        {
            if (others is null && schema.TryGetProperty("additionalProperties", out _))
                throw Refused($"{path}/required of the JSON schema names {name}, which additionalProperties forbids.");
            properties.Add(new PropertyRule(name, others ?? json.Value, true));
        }

        if (others is { } value) return containers.Object(properties, containers.KeyExcept(properties), value);
        return containers.Object(properties, null, 0);
    }

    private int ArrayOf(JsonElement schema, string path)
    {
        var min = Bound(schema, "minItems", path, MaxUnrolledItems) ?? 0;
        var max = Bound(schema, "maxItems", path, MaxUnrolledItems);
        var item = json.Value;
        if (schema.TryGetProperty("items", out var items))
        {
            if (items.ValueKind == JsonValueKind.False) max = 0;
            else item = Schema(items, $"{path}/items");
        }

        if (min > max) throw Refused($"{path} of the JSON schema asks for at least {min} and at most {max} items.");
        return containers.Array(item, min, max);
    }

    private int TextOf(JsonElement schema, string path)
    {
        if (schema.TryGetProperty("format", out var format)) return FormatOf(Text(format, $"{path}/format"), schema, path);
        var min = Bound(schema, "minLength", path, MaxUnrolledCharacters) ?? 0;
        var max = Bound(schema, "maxLength", path, MaxUnrolledCharacters);
        if (min > max) throw Refused($"{path} of the JSON schema asks for at least {min} and at most {max} characters.");
        return min == 0 && max is null ? json.Text : containers.Text(min, max);
    }

    private int FormatOf(string format, JsonElement schema, string path)
    {
        foreach (var bound in new[] { "minLength", "maxLength" })
            if (schema.TryGetProperty(bound, out _)) throw Refused($"{bound} at {path} of the JSON schema cannot be combined with format.");
        return formats.Of(format) ?? throw Refused($"format {format} at {path} of the JSON schema is not supported; supported are {FormatRules.Names}.");
    }

    private int IntegerOf(JsonElement schema, string path)
    {
        if (!Limits.Any(l => schema.TryGetProperty(l, out _))) return json.Integer;
        var low = Math.Max(Limit("minimum", decimal.Ceiling) ?? -IntegerRules.Largest, (Limit("exclusiveMinimum", decimal.Floor) ?? -IntegerRules.Largest - 1) + 1);
        var high = Math.Min(Limit("maximum", decimal.Floor) ?? IntegerRules.Largest, (Limit("exclusiveMaximum", decimal.Ceiling) ?? IntegerRules.Largest + 1) - 1);
        if (low > high) throw Refused($"minimum and maximum at {path} of the JSON schema leave no integer between them.");
        return IntegerRules.Between(grammar, low, high);

        long? Limit(string keyword, Func<decimal, decimal> round)
        {
            if (!schema.TryGetProperty(keyword, out var value)) return null;
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out var number) || Math.Abs(number) > IntegerRules.Largest)
                throw Refused($"{keyword} at {path} of the JSON schema is {value.GetRawText()}; expected a number of at most 18 digits.");
            return (long)round(number);
        }
    }

    private int NumberOf(JsonElement schema, string path)
    {
        if (Limits.FirstOrDefault(l => schema.TryGetProperty(l, out _)) is { } limit) throw Refused($"{limit} at {path} of the JSON schema is supported for integers only.");
        return json.Number;
    }

    private int Constants(JsonElement[] values, JsonElement schema, string path, string keyword)
    {
        if (schema.TryGetProperty("type", out _))
        {
            var types = Types(schema, path).ToArray();
            values = [.. values.Where(v => types.Any(t => IsOfType(v, t)))];
        }

        if (values.Length == 0) throw Refused($"{path}/{keyword} of the JSON schema allows no value.");
        return containers.Constants(values);
    }

    /// <summary>A local reference; recursion ends at the rule that is being made.</summary>
    private int Reference(string pointer, string path)
    {
        if (references.TryGetValue(pointer, out var known)) return known;
        if (!pointer.StartsWith('#')) throw Refused($"{path}/$ref of the JSON schema is {pointer}; only references within the schema (#/…) can be followed.");
        var target = root;
        foreach (var escaped in pointer.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var part = Uri.UnescapeDataString(escaped).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (target.ValueKind == JsonValueKind.Object && target.TryGetProperty(part, out var member)) target = member;
            else if (target.ValueKind == JsonValueKind.Array && int.TryParse(part, out var i) && i >= 0 && i < target.GetArrayLength()) target = target[i];
            else throw Refused($"{path}/$ref of the JSON schema is {pointer}, which is not there.");
        }

        var rule = grammar.Rule();
        references[pointer] = rule;
        json.Choose(rule, [Schema(target, pointer)]);
        return rule;
    }

    private static IEnumerable<string> Types(JsonElement schema, string path)
    {
        if (schema.TryGetProperty("type", out var type))
            return type.ValueKind == JsonValueKind.Array ? Elements(type, $"{path}/type").Select(t => Text(t, $"{path}/type")).Distinct() : [Text(type, $"{path}/type")];
        // Without a type, the keywords say what is meant; other types would satisfy the schema too, but nobody wants them.
        if (Has("properties", "required", "additionalProperties")) return ["object"];
        if (Has("items", "minItems", "maxItems")) return ["array"];
        if (Has("minLength", "maxLength", "format")) return ["string"];
        return Has(Limits) ? ["number"] : ["any"];

        bool Has(params string[] keywords) => keywords.Any(k => schema.TryGetProperty(k, out _));
    }

    private static bool IsOfType(JsonElement value, string type) => value.ValueKind switch
    {
        JsonValueKind.String => type == "string",
        JsonValueKind.Number => type == "number" || (type == "integer" && value.TryGetDecimal(out var number) && decimal.Truncate(number) == number),
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        JsonValueKind.Null => type == "null",
        JsonValueKind.Array => type == "array",
        JsonValueKind.Object => type == "object",
        _ => false,
    };

    private static void Only(JsonElement schema, string path, params string[] keywords)
    {
        foreach (var property in schema.EnumerateObject())
        {
            if (keywords.Contains(property.Name) || Annotations.Contains(property.Name)) continue;
            throw Refused(Assertions.Contains(property.Name)
                ? $"{property.Name} at {path} of the JSON schema cannot be combined with {keywords[0]}."
                : $"{property.Name} at {path} of the JSON schema is not supported.");
        }
    }

    private static int? Bound(JsonElement schema, string keyword, string path, int most)
    {
        if (!schema.TryGetProperty(keyword, out var value)) return null;
        if (!value.TryGetInt32(out var bound) || bound < 0 || bound > most) throw Refused($"{keyword} at {path} of the JSON schema is {value.GetRawText()}; expected 0 to {most}.");
        return bound;
    }

    private static List<JsonElement> Elements(JsonElement array, string path, bool mayBeEmpty = false)
    {
        if (array.ValueKind != JsonValueKind.Array || (array.GetArrayLength() == 0 && !mayBeEmpty)) throw Refused($"{path} of the JSON schema is no array with entries.");
        return [.. array.EnumerateArray()];
    }

    private static string Text(JsonElement element, string path) =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Refused($"{path} of the JSON schema is {element.GetRawText()}; expected a string.");

    private static RequestRefusedException Refused(string message) => new(RefusalReason.Unsupported, message);
}
