using System.Text.Json;

namespace AttentionOperator.Tokenization.Json;

/// <summary>A JSON value that knows its file and path, so that every complaint names them.</summary>
internal readonly struct JsonField(JsonElement element, string file, string path)
{
    public JsonElement Element => element;

    public string File => file;

    public string Path => path;

    public bool IsNull => element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    public JsonValueKind Kind => element.ValueKind;

    /// <summary>The member, or a null field where it is absent.</summary>
    public JsonField this[string name]
    {
        get
        {
            Expect(JsonValueKind.Object, "an object");
            return new JsonField(element.TryGetProperty(name, out var value) ? value : default, file, Join(name));
        }
    }

    public JsonField Require(string name)
    {
        var field = this[name];
        return field.IsNull ? throw field.Error("is required") : field;
    }

    public TokenizerFormatException Error(string problem, Exception? inner = null) => new(file, path, problem, inner);

    public string AsString()
    {
        Expect(JsonValueKind.String, "a string");
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw Error("is not valid Unicode", e);
        }
    }

    public string? AsStringOrNull() => IsNull ? null : AsString();

    public bool AsBool() => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Error($"must be true or false, not {Describe()}"),
    };

    public bool AsBool(bool absent) => IsNull ? absent : AsBool();

    public bool? AsBoolOrNull() => IsNull ? null : AsBool();

    public int AsInt(int minimum, int maximum)
    {
        Expect(JsonValueKind.Number, "a number");
        return element.TryGetInt32(out var value) && value >= minimum && value <= maximum
            ? value
            : throw Error($"must be a whole number from {minimum} to {maximum}, not {Describe()}");
    }

    public double AsDouble()
    {
        Expect(JsonValueKind.Number, "a number");
        return element.TryGetDouble(out var value) && double.IsFinite(value) ? value : throw Error($"must be a finite number, not {Describe()}");
    }

    /// <summary>A string of exactly one Unicode scalar.</summary>
    public char AsChar()
    {
        var text = AsString();
        return text.Length == 1 && !char.IsSurrogate(text[0]) ? text[0] : throw Error($"must be one character of the basic plane, not {Describe()}");
    }

    public IEnumerable<JsonField> Items()
    {
        Expect(JsonValueKind.Array, "an array");
        var index = 0;
        foreach (var item in element.EnumerateArray())
            yield return new JsonField(item, file, $"{path}[{index++}]");
    }

    public JsonElement.ArrayEnumerator RawItems()
    {
        Expect(JsonValueKind.Array, "an array");
        return element.EnumerateArray();
    }

    public int Length
    {
        get
        {
            Expect(JsonValueKind.Array, "an array");
            return element.GetArrayLength();
        }
    }

    /// <summary>An array item addressed by its index, for the error path only.</summary>
    public JsonField At(JsonElement item, int index) => new(item, file, $"{path}[{index}]");

    public IEnumerable<(string Name, JsonField Value)> Members()
    {
        Expect(JsonValueKind.Object, "an object");
        foreach (var property in element.EnumerateObject())
        {
            string name;
            try
            {
                name = property.Name;
            }
            catch (InvalidOperationException e)
            {
                throw Error("has a member name that is not valid Unicode", e);
            }
            yield return (name, new JsonField(property.Value, file, Join(name)));
        }
    }

    private void Expect(JsonValueKind kind, string expected)
    {
        if (element.ValueKind != kind)
            throw Error(element.ValueKind == JsonValueKind.Undefined ? "is required" : $"must be {expected}, not {Describe()}");
    }

    private string Describe()
    {
        var raw = element.ValueKind == JsonValueKind.Undefined ? "nothing" : element.GetRawText();
        return raw.Length <= 60 ? raw : string.Concat(raw.AsSpan(0, 57), "...");
    }

    // Member names come from the file: keep paths readable where a vocabulary entry is the culprit.
    private string Join(string name)
    {
        var shown = name.Length <= 40 ? name : string.Concat(name.AsSpan(0, 37), "...");
        return path.Length == 0 ? shown : $"{path}.{shown}";
    }
}
