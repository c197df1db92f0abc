using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;
using Cel;

namespace AttentionOperator.Sandbox.Schema;

/// <summary>Evaluates <c>x-kubernetes-validations</c>. Rules that name <c>oldSelf</c> run on updates only.</summary>
internal static class CelValidation
{
    private static readonly CelEnvironment Environment = CelLibrary.CreateEnvironment();
    private static readonly ConcurrentDictionary<string, CelProgramDelegate> Programs = new(StringComparer.Ordinal);

    public static void Validate(JsonObject obj, JsonObject? live, SchemaNode schema, List<FieldError> errors) => Walk(obj, live, schema, "", errors);

    /// <summary>The reason why a rule cannot be compiled, or null.</summary>
    public static string? CompileError(string rule)
    {
        try
        {
            Compile(rule);
            return null;
        }
        catch (Exception e) when (e is CelException or InvalidOperationException or ArgumentException or NullReferenceException)
        {
            return e.Message;
        }
    }

    /// <summary>The value of an expression.</summary>
    /// <exception cref="CelException">It cannot be evaluated over these variables.</exception>
    public static object? Run(string expression, Dictionary<string, object?> variables) => Compile(expression)(variables!);

    private static void Walk(JsonNode? value, JsonNode? old, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (value is null) return;
        foreach (var rule in schema.Validations) Evaluate(rule, value, old, schema, path, errors);
        switch (value)
        {
            case JsonObject obj:
                foreach (var (name, member) in obj)
                {
                    if (schema.Member(name) is { } child && name != "metadata") Walk(member, (old as JsonObject)?[name], child, path.Length == 0 ? name : $"{path}.{name}", errors);
                }

                break;
            case JsonArray array when schema.Items is { } items:
                for (var i = 0; i < array.Count; i++) Walk(array[i], Counterpart(array[i], old as JsonArray, schema), items, $"{path}[{i}]", errors);
                break;
        }
    }

    private static void Evaluate(ValidationRule rule, JsonNode value, JsonNode? old, SchemaNode schema, string path, List<FieldError> errors)
    {
        var transition = rule.Rule.Contains("oldSelf", StringComparison.Ordinal);
        if (transition && old is null && !rule.OptionalOldSelf) return;
        var variables = new Dictionary<string, object?> { ["self"] = CelValues.From(value, schema) };
        if (transition) variables["oldSelf"] = old is null ? null : CelValues.From(old, schema);
        string? failure;
        try
        {
            failure = Compile(rule.Rule)(variables!) is true ? null : Message(rule, variables);
        }
        catch (CelException e)
        {
            failure = $"rule evaluation error: {e.Message}: {rule.Rule}";
        }

        if (failure is null) return;
        var at = rule.FieldPath is { } below ? path + (path.Length == 0 ? below.TrimStart('.') : below) : path;
        errors.Add(rule.Reason switch
        {
            "FieldValueForbidden" => FieldError.Forbidden(at, failure),
            "FieldValueRequired" => FieldError.Required(at, failure),
            "FieldValueDuplicate" => FieldError.Duplicate(at, schema.Type),
            _ => FieldError.Invalid(at, value, failure),
        });
    }

    private static string Message(ValidationRule rule, Dictionary<string, object?> variables)
    {
        if (rule.MessageExpression is { } expression && Compile(expression)(variables!) is string { Length: > 0 } computed) return computed;
        return rule.Message ?? $"failed rule: {rule.Rule.Trim()}";
    }

    private static JsonObject? Counterpart(JsonNode? item, JsonArray? old, SchemaNode list)
    {
        if (list.ListType != "map" || old is null || item is not JsonObject obj) return null;
        var key = ListKeys.KeyOf(obj, list);
        return old.Objects().FirstOrDefault(o => JsonNode.DeepEquals(ListKeys.KeyOf(o, list), key));
    }

    private static CelProgramDelegate Compile(string rule) => Programs.GetOrAdd(rule, r => Environment.Compile(r));
}
