using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Builtins;

internal sealed class CustomResourceDefinitionRules : IKindRules
{
    public void Default(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        if (spec.Object("names") is { } names && names.Text("kind") is { } kind)
        {
            names.Default("singular", kind.ToLowerInvariant());
            names.Default("listKind", kind + "List");
        }

        spec.Default("conversion", new JsonObject { ["strategy"] = "None" });
    }

    public void PrepareForCreate(JsonObject obj) =>
        obj.SetFinalizers(obj.Finalizers().Append("customresourcecleanup.apiextensions.k8s.io").Distinct());

    public void Validate(JsonObject obj, JsonObject? live, List<FieldError> errors)
    {
        var spec = obj.Ensure("spec");
        var expected = $"{spec.At("names", "plural").AsText()}.{spec.Text("group")}";
        if (obj.Name() != expected) errors.Add(FieldError.Invalid("metadata.name", obj.Name(), "must be spec.names.plural+\".\"+spec.group"));
        if (spec.Text("scope") is not ("Namespaced" or "Cluster")) errors.Add(FieldError.NotSupported("spec.scope", spec["scope"], ["Cluster", "Namespaced"]));
        var versions = spec["versions"].Versions().ToList();
        if (versions.Count == 0) errors.Add(FieldError.Required("spec.versions", "must have at least one version"));
        else if (versions.Count(v => v.Flag("storage") == true) != 1)
            errors.Add(FieldError.Invalid("spec.versions", spec["versions"], "must have exactly one version marked as storage version"));
        for (var i = 0; i < versions.Count; i++) ValidateSchema(versions[i], $"spec.versions[{i}].schema", errors);
        if (live is null) return;
        foreach (var name in (string[])["group", "scope"])
        {
            if (!JsonNode.DeepEquals(live.At("spec", name), spec[name])) errors.Add(FieldError.Invalid($"spec.{name}", spec[name], "field is immutable"));
        }
    }

    private static void ValidateSchema(JsonObject version, string path, List<FieldError> errors)
    {
        if (version.Object("schema").Object("openAPIV3Schema") is not { } schema)
        {
            errors.Add(FieldError.Required($"{path}.openAPIV3Schema", "schemas are required"));
            return;
        }

        if (schema.Text("type") != "object") errors.Add(FieldError.Invalid($"{path}.openAPIV3Schema.type", schema["type"], "must be object at the root"));
        Walk(schema, $"{path}.openAPIV3Schema", errors);
    }

    private static void Walk(JsonObject schema, string path, List<FieldError> errors)
    {
        var typeless = schema.Flag("x-kubernetes-int-or-string") == true || schema.Flag("x-kubernetes-preserve-unknown-fields") == true;
        if (schema["type"] is null && !typeless) errors.Add(FieldError.Required($"{path}.type", "must not be empty for specified object fields"));
        if (schema.Object("properties") is not null && schema["additionalProperties"] is not null)
            errors.Add(FieldError.Forbidden($"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive"));
        if (schema.Text("pattern") is { } pattern && !IsPattern(pattern)) errors.Add(FieldError.Invalid($"{path}.pattern", pattern, "must be a valid regular expression"));
        var index = 0;
        foreach (var rule in schema.Array("x-kubernetes-validations").Objects())
        {
            var at = $"{path}.x-kubernetes-validations[{index++}].rule";
            if (CelValidation.CompileError(rule.Text("rule") ?? "") is { } problem) errors.Add(FieldError.Invalid(at, rule["rule"], $"compilation failed: {problem}"));
        }

        foreach (var (name, property) in schema.Object("properties") ?? [])
        {
            if (property is JsonObject child) Walk(child, $"{path}.properties[{name}]", errors);
        }

        if (schema["items"] is JsonObject items) Walk(items, $"{path}.items", errors);
        if (schema["additionalProperties"] is JsonObject values) Walk(values, $"{path}.additionalProperties", errors);
    }

    private static bool IsPattern(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
