using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using AttentionOperator.Api.Schema;
using AttentionOperator.Api.Values;

namespace AttentionOperator.Api.Validation;

/// <summary>
/// Checks an object against the attributes that its CRD schema is generated from, for objects that no API server has checked: files on
/// a workstation, and servers whose CRD is older than the operator.
/// </summary>
internal static class SchemaValidator
{
    private static readonly ConcurrentDictionary<Type, FieldRule[]> Rules = new();
    private static readonly ConcurrentDictionary<string, Regex> Patterns = new();

    public static void Check(object value, string path, List<FieldError> errors)
    {
        foreach (var rule in Rules.GetOrAdd(value.GetType(), static type => [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).Select(property => new FieldRule(property))]))
        {
            CheckField(rule, rule.Property.GetValue(value), $"{path}.{rule.Name}", errors);
        }
    }

    private static void CheckField(FieldRule rule, object? value, string path, List<FieldError> errors)
    {
        switch (value)
        {
            case null:
            case "" or ICollection { Count: 0 } when rule.Required:
                if (rule.Required)
                {
                    errors.Add(new FieldError(path, "is required; set it"));
                }

                return;
            case string text:
                CheckText(rule, text, path, errors);
                return;
            case int or long:
                CheckNumber(rule, Convert.ToInt64(value, CultureInfo.InvariantCulture), path, errors);
                return;
            case Enum when !Enum.IsDefined(value.GetType(), value):
                errors.Add(new FieldError(path, $"{value} is not one of {string.Join(", ", Enum.GetNames(value.GetType()))}"));
                return;
            case IEnumerable list:
                CheckList(rule, list, path, errors);
                return;
            default:
                if (value.GetType().Namespace == typeof(V1Alpha1.AttentionModel).Namespace && !value.GetType().IsEnum)
                {
                    Check(value, path, errors);
                }

                return;
        }
    }

    private static void CheckText(FieldRule rule, string text, string path, List<FieldError> errors)
    {
        if (rule.Length is { } length && (text.Length < length.Minimum || text.Length > length.Maximum))
        {
            errors.Add(new FieldError(path, $"has {text.Length} characters; {length.Minimum} to {length.Maximum} are allowed"));
        }
        else if (rule.Pattern is { } pattern && !Patterns.GetOrAdd(pattern, Anchored).IsMatch(text))
        {
            errors.Add(new FieldError(path, $"'{text}' is not {rule.Form ?? $"of the form {pattern}"}"));
        }
        else if (rule.IsDuration && !Durations.TryParse(text, out _))
        {
            errors.Add(new FieldError(path, $"'{text}' is longer than {Durations.Maximum.TotalDays:0} days; choose a shorter duration"));
        }
    }

    // In .NET $ also matches before a final line end, in the API server it does not.
    private static Regex Anchored(string pattern) => new(pattern.EndsWith('$') ? pattern[..^1] + @"\z" : pattern, RegexOptions.CultureInvariant);

    private static void CheckNumber(FieldRule rule, long number, string path, List<FieldError> errors)
    {
        if (rule.Bounds is { } bounds && (number < bounds.Minimum || number > bounds.Maximum))
        {
            var most = bounds.Maximum == long.MaxValue ? "" : $" and at most {bounds.Maximum}";
            errors.Add(new FieldError(path, $"{number} is out of bounds; it must be at least {bounds.Minimum}{most}"));
        }
    }

    private static void CheckList(FieldRule rule, IEnumerable list, string path, List<FieldError> errors)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var item in list)
        {
            if (item is null)
            {
                errors.Add(new FieldError($"{path}[{index}]", "is null; remove it"));
            }
            else
            {
                if (rule.KeyOf(item) is { } key && !keys.Add(key))
                {
                    errors.Add(new FieldError($"{path}[{index}]", $"'{key}' occurs twice; remove one"));
                }

                if (item.GetType().Namespace == typeof(V1Alpha1.AttentionModel).Namespace)
                {
                    Check(item, $"{path}[{index}]", errors);
                }
            }

            index++;
        }

        if (rule.Length is { } length && (index < length.Minimum || index > length.Maximum))
        {
            errors.Add(new FieldError(path, $"has {index} items; {length.Minimum} to {length.Maximum} are allowed"));
        }
    }

    private sealed class FieldRule
    {
        private readonly string? listKey;
        private readonly bool isSet;

        public FieldRule(PropertyInfo property)
        {
            Property = property;
            Name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            Required = property.IsDefined(typeof(RequiredFieldAttribute));
            Bounds = property.GetCustomAttribute<BoundsAttribute>();
            Length = property.GetCustomAttribute<LengthAttribute>();
            listKey = property.GetCustomAttribute<ListMapAttribute>()?.Key;
            isSet = property.IsDefined(typeof(ListSetAttribute));
            IsDuration = property.IsDefined(typeof(DurationAttribute));
            (Pattern, Form) = property switch
            {
                _ when property.GetCustomAttribute<PatternAttribute>() is { } own => (own.Pattern, null),
                _ when IsDuration => (DurationAttribute.Pattern, "a duration; write it as 1h30m, 45s or 250ms"),
                _ when property.IsDefined(typeof(QuantityAttribute)) => (QuantityAttribute.Pattern, "a quantity; write it as 2, 500m or 8Gi"),
                _ when property.IsDefined(typeof(DecimalAttribute)) => (DecimalAttribute.Pattern, "a decimal number; write it as 99.9"),
                _ when property.IsDefined(typeof(CountOrPercentAttribute)) => (CountOrPercentAttribute.Pattern, "a number or a percentage; write it as 2 or 25%"),
                _ => ((string?)null, (string?)null),
            };
        }

        public PropertyInfo Property { get; }

        public string Name { get; }

        public bool Required { get; }

        public BoundsAttribute? Bounds { get; }

        public LengthAttribute? Length { get; }

        public string? Pattern { get; }

        public string? Form { get; }

        public bool IsDuration { get; }

        public string? KeyOf(object item) =>
            isSet ? item as string
            : listKey is null ? null
            : item.GetType().GetProperty(listKey, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)?.GetValue(item) as string;
    }
}
