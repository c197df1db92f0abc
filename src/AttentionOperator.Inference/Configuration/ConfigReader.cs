using System.Globalization;
using System.Text;
using System.Text.Json;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Inference.Configuration;

/// <summary>Typed, bounded access to one JSON object of a model directory. Every complaint names the file, the field, the value and what is supported.</summary>
public sealed class ConfigReader
{
    /// <summary>No published configuration comes near this size; anything above is not a configuration.</summary>
    private const long MaxFileBytes = 16 << 20;

    /// <summary>Upper bound for counts and sizes, so that products of two of them fit a long.</summary>
    internal const int MaxInteger = 1 << 28;

    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    private readonly JsonElement _object;
    private readonly string _path;

    private ConfigReader(string file, string path, JsonElement value)
    {
        File = file;
        _path = path;
        _object = value;
    }

    public string File { get; }

    /// <summary>Reads a file whose root is an object.</summary>
    public static ConfigReader Open(string directory, string file)
    {
        var root = ReadRoot(directory, file);
        if (root.ValueKind != JsonValueKind.Object)
            throw new ModelFormatException(file, null, $"the root is {Kind(root)}, expected an object");
        return new ConfigReader(file, "", root);
    }

    /// <summary>Reads a JSON file of any root.</summary>
    public static JsonElement ReadRoot(string directory, string file)
    {
        var info = new FileInfo(Path.Combine(directory, file));
        if (!info.Exists)
            throw new ModelFormatException(file, null, "the file is missing");
        if (FileLength.Of(info.FullName) is var length && length > MaxFileBytes)
            throw new ModelFormatException(file, null, $"{length} bytes are more than the {MaxFileBytes} that are read");
        try
        {
            using var document = JsonStrings.Parse(System.IO.File.ReadAllBytes(info.FullName), Options);
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(file, null, $"not valid JSON: {error.Message}", error);
        }
    }

    public static ConfigReader FromJson(string file, string json)
    {
        try
        {
            using var document = JsonStrings.Parse(Encoding.UTF8.GetBytes(json), Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ModelFormatException(file, null, $"the root is {Kind(document.RootElement)}, expected an object");
            return new ConfigReader(file, "", document.RootElement.Clone());
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(file, null, $"not valid JSON: {error.Message}", error);
        }
    }

    /// <summary>True where the field is there, also as null.</summary>
    public bool Has(string name) => _object.TryGetProperty(name, out _);

    public bool IsNullOrAbsent(string name) => Find(name) is null;

    public int Int(string name, int min = 1, int max = MaxInteger) => OptionalInt(name, min, max) ?? throw Missing(name, "an integer");

    public int IntOr(string name, int value, int min = 1, int max = MaxInteger) => OptionalInt(name, min, max) ?? value;

    public int? OptionalInt(string name, int min = 1, int max = MaxInteger) =>
        Find(name) is not { } element ? null
        : element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var number) && number == Math.Floor(number) && number >= min && number <= max ? (int)number
        : throw Error(name, $"{Show(element)} is not an integer from {min} to {max}");

    public double Number(string name, double min, double max) => OptionalNumber(name, min, max) ?? throw Missing(name, "a number");

    public double NumberOr(string name, double value, double min, double max) => OptionalNumber(name, min, max) ?? value;

    public double? OptionalNumber(string name, double min, double max) =>
        Find(name) is not { } element ? null
        : element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var number) && number >= min && number <= max ? number
        : throw Error(name, string.Create(CultureInfo.InvariantCulture, $"{Show(element)} is not a number from {min} to {max}"));

    public bool BoolOr(string name, bool value) =>
        Find(name) is not { } element ? value
        : element.ValueKind is JsonValueKind.True or JsonValueKind.False ? element.GetBoolean()
        : throw Error(name, $"{Show(element)} is not true or false");

    public string? OptionalString(string name) =>
        Find(name) is not { } element ? null
        : element.ValueKind == JsonValueKind.String ? element.GetString()
        : throw Error(name, $"{Show(element)} is not a string");

    public ConfigReader? OptionalObject(string name) =>
        Find(name) is not { } element ? null
        : element.ValueKind == JsonValueKind.Object ? new ConfigReader(File, Join(name), element)
        : throw Error(name, $"{Show(element)} is not an object");

    public IReadOnlyList<string>? OptionalStrings(string name) => OptionalList(name, "strings", e => e.ValueKind == JsonValueKind.String ? e.GetString() : null);

    public IReadOnlyList<double>? OptionalNumbers(string name) =>
        OptionalList<double?>(name, "finite numbers", e => e.ValueKind == JsonValueKind.Number && e.TryGetDouble(out var v) && double.IsFinite(v) ? v : null)?.Select(v => v!.Value).ToArray();

    /// <summary>An integer or a list of integers, as published for end tokens.</summary>
    public IReadOnlyList<int> IntsOrInt(string name) =>
        Find(name) is not { } element ? []
        : element.ValueKind == JsonValueKind.Array ? OptionalList<int?>(name, "integers", e => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out var v) ? v : null)!.Select(v => v!.Value).ToArray()
        : [Int(name, min: 0)];

    public IReadOnlyList<string> PropertyNames() => _object.EnumerateObject().Select(p => p.Name).ToArray();

    /// <summary>Refuses every value but the given one (absent and null count as it): the model would be computed wrongly.</summary>
    public void RequireFalse(string name, string why)
    {
        if (BoolOr(name, false))
            throw Error(name, $"true is not supported: {why}");
    }

    public void RequireTrue(string name, string why)
    {
        if (!BoolOr(name, true))
            throw Error(name, $"false is not supported: {why}");
    }

    public ModelFormatException Error(string name, string problem) => new(File, Join(name), problem);

    public ModelFormatException Unsupported(string name, string value, params IEnumerable<string> supported) =>
        Error(name, $"'{value}' is not supported; supported: {string.Join(", ", supported)}");

    private ModelFormatException Missing(string name, string expected) => Error(name, $"the field is missing, expected {expected}");

    private List<T>? OptionalList<T>(string name, string expected, Func<JsonElement, T?> read)
    {
        if (Find(name) is not { } element)
            return null;
        if (element.ValueKind != JsonValueKind.Array)
            throw Error(name, $"{Show(element)} is not a list of {expected}");
        return element.EnumerateArray().Select(e => read(e) ?? throw Error(name, $"{Show(e)} is not allowed in a list of {expected}")).ToList();
    }

    private JsonElement? Find(string name) => _object.TryGetProperty(name, out var element) && element.ValueKind != JsonValueKind.Null ? element : null;

    private string Join(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    private static string Kind(JsonElement element) => element.ValueKind.ToString().ToLowerInvariant();

    private static string Show(JsonElement element)
    {
        var text = element.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "…";
    }
}
