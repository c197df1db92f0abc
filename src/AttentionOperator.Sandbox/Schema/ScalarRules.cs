using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Schema;

/// <summary>Bounds of numbers and strings.</summary>
internal static class ScalarRules
{
    public static void Validate(JsonValue value, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (value.GetValueKind() == JsonValueKind.Number && value.AsNumber() is { } number)
            ValidateNumber(value, number, schema, path, errors);
        else if (value.AsText() is { } text)
            ValidateText(value, text, schema, path, errors);
    }

    private static void ValidateNumber(JsonValue value, double number, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (schema.Format == "int32" && number is > int.MaxValue or < int.MinValue && schema.Format == "int32")
            errors.Add(FieldError.Invalid(path, value, $"{path} in body must be of type int32: \"{FieldError.Show(value)}\""));
        if (schema.Rules is not { } rules) return;
        if (rules.Minimum is { } min && (rules.ExclusiveMinimum ? number <= min : number < min))
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should be greater than {(rules.ExclusiveMinimum ? "" : "or equal to ")}{Show(min)}"));
        if (rules.Maximum is { } max && (rules.ExclusiveMaximum ? number >= max : number > max))
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should be less than {(rules.ExclusiveMaximum ? "" : "or equal to ")}{Show(max)}"));
        if (rules.MultipleOf is { } step && step > 0 && Math.Abs((number / step) - Math.Round(number / step)) > 1e-9)
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should be a multiple of {Show(step)}"));
    }

    private static void ValidateText(JsonValue value, string text, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (schema.Rules is { } rules)
        {
            var runes = rules.MinLength is null && rules.MaxLength is null ? 0 : text.EnumerateRunes().Count();
            if (rules.MaxLength is { } max && runes > max) errors.Add(FieldError.TooLong(path, max));
            if (rules.MinLength is { } min && runes < min)
                errors.Add(FieldError.Invalid(path, value, $"{path} in body should be at least {min} chars long"));
            if (rules.Pattern is { } pattern && !pattern.IsMatch(text))
                errors.Add(FieldError.Invalid(path, value, $"{path} in body should match '{pattern}'"));
        }

        if (schema.Format is { } format && !FormatRules.Matches(format, text))
            errors.Add(FieldError.Invalid(path, value, $"{path} in body must be of type {format}: \"{text}\""));
    }

    private static string Show(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
