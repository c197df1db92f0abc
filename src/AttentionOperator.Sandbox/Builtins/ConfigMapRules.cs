using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Builtins;

internal sealed partial class ConfigMapRules : IKindRules
{
    private const int MaximumBytes = 1024 * 1024;

    public void Validate(JsonObject obj, JsonObject? live, List<FieldError> errors)
    {
        ValidateKeys(obj.Object("data"), "data", errors);
        ValidateKeys(obj.Object("binaryData"), "binaryData", errors);
        foreach (var (key, _) in obj.Object("binaryData") ?? [])
        {
            if (obj.Object("data")?.ContainsKey(key) == true) errors.Add(FieldError.Invalid($"data[{key}]", key, "duplicate of key present in binaryData"));
        }

        ValidateImmutable(obj, live, "data", errors);
    }

    public static void ValidateKeys(JsonObject? data, string path, List<FieldError> errors)
    {
        var total = 0L;
        foreach (var (key, value) in data ?? [])
        {
            total += value.AsText()?.Length ?? 0;
            if (key.Length > 253 || !Key().IsMatch(key) || key is "." or "..")
                errors.Add(FieldError.Invalid($"{path}[{key}]", key, "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"));
        }

        if (total > MaximumBytes) errors.Add(new FieldError("", "FieldValueTooLong", $"Too long: may not be more than {MaximumBytes} bytes"));
    }

    public static void ValidateImmutable(JsonObject obj, JsonObject? live, string field, List<FieldError> errors)
    {
        if (live.Flag("immutable") != true) return;
        if (obj.Flag("immutable") != true) errors.Add(FieldError.Forbidden("immutable", "field is immutable when `immutable` is set"));
        if (!JsonNode.DeepEquals(obj[field], live![field])) errors.Add(FieldError.Forbidden(field, "field is immutable when `immutable` is set"));
    }

    [GeneratedRegex("^[-._a-zA-Z0-9]+$")]
    private static partial Regex Key();
}
