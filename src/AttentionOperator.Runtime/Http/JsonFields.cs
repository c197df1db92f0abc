using System.Text.Json;

namespace AttentionOperator.Runtime.Http;

/// <summary>
/// Reads the fields of one JSON object and remembers which it knows. <see cref="Finish"/> refuses what nobody asked for, so that
/// a field that changes the meaning of a request is never silently ignored. <c>null</c> counts as absent.
/// </summary>
internal sealed class JsonFields
{
    private readonly JsonElement _object;
    private readonly string _path;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public JsonFields(JsonElement element, string path = "")
    {
        _path = path;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw ApiErrors.Invalid($"{(path.Length == 0 ? "The request body" : $"'{path}'")} must be a JSON object, not {Kind(element)}.", path.Length == 0 ? null : path);
        }

        _object = element;
    }

    public string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    public JsonElement? Element(string name)
    {
        _known.Add(name);
        return _object.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public string? String(string name) => Element(name) is { } value ? StringOf(value, PathOf(name)) : null;

    public string RequiredString(string name) => String(name) ?? throw Missing(name);

    public JsonElement Required(string name) => Element(name) ?? throw Missing(name);

    public bool? Boolean(string name) => Element(name) is not { } value ? null
        : value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw WrongType(value, PathOf(name), "a boolean"),
        };

    public double? Number(string name, double min, double max)
    {
        if (Element(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number)) throw WrongType(value, PathOf(name), "a number");
        if (!(number >= min && number <= max)) throw OutOfRange(PathOf(name), value, min, max);
        return number;
    }

    public long? Integer(string name, long min, long max)
    {
        if (Element(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number) throw WrongType(value, PathOf(name), "an integer");
        if (!value.TryGetInt64(out var number))
        {
            // 16.0 is an integer too; clients written in languages with one number type send it.
            if (!value.TryGetDouble(out var real) || real != Math.Floor(real)) throw WrongType(value, PathOf(name), "an integer");
            if (Math.Abs(real) > 1e18) throw OutOfRange(PathOf(name), value, min, max);
            number = (long)real;
        }

        if (number < min || number > max) throw OutOfRange(PathOf(name), value, min, max);
        return number;
    }

    /// <summary>Fields that do not change the answer.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (var name in names) _known.Add(name);
    }

    /// <summary>A field that is accepted only with the value that means what happens anyway.</summary>
    public void Only(string name, Func<JsonElement, bool> accepted, string why)
    {
        if (Element(name) is { } value && !accepted(value)) throw ApiErrors.Unsupported($"'{PathOf(name)}' is not supported: {why}", PathOf(name));
    }

    public void Finish()
    {
        foreach (var property in _object.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null && !_known.Contains(property.Name))
            {
                var path = PathOf(property.Name);
                if (path.Length > 200) path = path[..200];
                throw ApiErrors.Unsupported($"'{path}' is not a field that this server knows; leave it out.", path);
            }
        }
    }

    public static string StringOf(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.String) throw WrongType(value, path, "a string");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiErrors.Invalid($"'{path}' holds a lone surrogate or invalid UTF-8.", path);
        }
    }

    public static int IntegerOf(JsonElement value, string path, int min, int max)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var number)) throw WrongType(value, path, "an integer");
        return number >= min && number <= max ? number : throw OutOfRange(path, value, min, max);
    }

    public static ApiException WrongType(JsonElement value, string path, string expected) =>
        ApiErrors.Invalid($"'{path}' must be {expected}, not {Kind(value)}.", path);

    private ApiException Missing(string name) => ApiErrors.Invalid($"'{PathOf(name)}' is missing.", PathOf(name));

    private static ApiException OutOfRange(string path, JsonElement value, double min, double max)
    {
        var text = value.GetRawText();
        return ApiErrors.Invalid(FormattableString.Invariant($"'{path}' is {(text.Length > 40 ? text[..40] + "…" : text)}; it must be between {min} and {max}."), path);
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number of another kind",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };
}
