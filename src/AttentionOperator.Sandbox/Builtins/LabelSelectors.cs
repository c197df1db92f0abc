using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Builtins;

/// <summary>The object form of label selectors (<c>matchLabels</c>, <c>matchExpressions</c>).</summary>
internal static class LabelSelectors
{
    /// <summary>True when the labels satisfy the selector; an empty selector matches everything, an absent one nothing.</summary>
    public static bool Matches(JsonObject? selector, JsonObject? labels)
    {
        if (selector is null) return false;
        foreach (var (name, value) in selector.Object("matchLabels") ?? [])
        {
            if (labels.Text(name) != value.AsText()) return false;
        }

        return selector.Array("matchExpressions").Objects().All(e => Holds(e, labels));
    }

    public static void Validate(JsonObject? selector, string path, List<FieldError> errors)
    {
        if (selector is null) return;
        var index = 0;
        foreach (var expression in selector.Array("matchExpressions").Objects())
        {
            var at = $"{path}.matchExpressions[{index++}]";
            var values = expression.Array("values")?.Count ?? 0;
            switch (expression.Text("operator"))
            {
                case "In" or "NotIn" when values == 0:
                    errors.Add(FieldError.Required($"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'"));
                    break;
                case "Exists" or "DoesNotExist" when values > 0:
                    errors.Add(FieldError.Forbidden($"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
                    break;
                case "In" or "NotIn" or "Exists" or "DoesNotExist":
                    break;
                default:
                    errors.Add(FieldError.Invalid($"{at}.operator", expression.Text("operator") ?? "", "not a valid selector operator"));
                    break;
            }
        }
    }

    public static bool IsEmpty(JsonObject? selector) =>
        selector is null || (selector.Object("matchLabels") is not { Count: > 0 } && selector.Array("matchExpressions") is not { Count: > 0 });

    /// <summary>The string form, as the scale subresource's status carries it.</summary>
    public static string Format(JsonObject? selector)
    {
        var parts = new List<string>();
        foreach (var (name, value) in (selector.Object("matchLabels") ?? []).OrderBy(l => l.Key, StringComparer.Ordinal)) parts.Add($"{name}={value.AsText()}");
        foreach (var expression in selector.Array("matchExpressions").Objects())
        {
            var key = expression.Text("key");
            var values = string.Join(",", expression.Array("values")?.Select(v => v.AsText()).Order(StringComparer.Ordinal) ?? Enumerable.Empty<string?>());
            parts.Add(expression.Text("operator") switch { "In" => $"{key} in ({values})", "NotIn" => $"{key} notin ({values})", "Exists" => key!, _ => $"!{key}" });
        }

        return string.Join(",", parts);
    }

    private static bool Holds(JsonObject expression, JsonObject? labels)
    {
        var value = labels.Text(expression.Text("key") ?? "");
        var listed = expression.Array("values")?.Any(v => v.AsText() == value) ?? false;
        return expression.Text("operator") switch
        {
            "In" => value is not null && listed,
            "NotIn" => value is null || !listed,
            "Exists" => value is not null,
            _ => value is null,
        };
    }
}
