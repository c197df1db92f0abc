using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Operations;

/// <summary>What the server itself sets in object metadata, and what it refuses there.</summary>
internal static class MetadataRules
{
    private static readonly string[] ServerOwned = ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"];

    public static void PrepareForCreate(ResourceDefinition resource, JsonObject obj, string? ns, DateTimeOffset now)
    {
        var meta = obj.Meta();
        foreach (var name in ServerOwned) meta.Remove(name);
        if (resource.Namespaced) meta["namespace"] = ns;
        else meta.Remove("namespace");
        if (string.IsNullOrEmpty(meta.Text("name")) && meta.Text("generateName") is { Length: > 0 } generateName)
            meta["name"] = NameRules.Generate(generateName);
        meta["uid"] = Guid.NewGuid().ToString();
        meta["creationTimestamp"] = ObjectMeta.Time(now);
        if (resource.HasGeneration) meta["generation"] = 1;
        else meta.Remove("generation");
        meta.Remove("resourceVersion");
        DropEmpty(meta);
    }

    public static void PrepareForUpdate(JsonObject obj, JsonObject live)
    {
        var meta = obj.Meta();
        var liveMeta = live.Meta();
        foreach (var name in ServerOwned.Append("generation"))
        {
            if (liveMeta[name] is { } value) meta[name] = value.DeepClone();
            else meta.Remove(name);
        }

        meta.Default("name", liveMeta["name"]?.DeepClone());
        if (liveMeta["namespace"] is { } ns) meta["namespace"] = ns.DeepClone();
        if (liveMeta["generateName"] is { } generateName) meta.Default("generateName", generateName.DeepClone());
        DropEmpty(meta);
    }

    public static void Validate(ResourceDefinition resource, JsonObject obj, JsonObject? live, List<FieldError> errors)
    {
        var meta = obj.Meta();
        ValidateName(resource, meta, errors);
        ValidateLabels(meta.Object("labels"), "metadata.labels", errors);
        foreach (var (name, _) in meta.Object("annotations") ?? [])
        {
            if (!NameRules.IsQualifiedName(name.ToLowerInvariant())) errors.Add(FieldError.Invalid("metadata.annotations", name, NameRules.QualifiedNameMessage));
        }

        ValidateOwners(meta, errors);
        ValidateFinalizers(obj, live, errors);
        if (live is not null && meta.Text("name") != live.Name())
            errors.Add(FieldError.Invalid("metadata.name", meta["name"], "field is immutable"));
    }

    public static void ValidateLabels(JsonObject? labels, string path, List<FieldError> errors)
    {
        foreach (var (name, value) in labels ?? [])
        {
            if (!NameRules.IsQualifiedName(name)) errors.Add(FieldError.Invalid(path, name, NameRules.QualifiedNameMessage));
            if (value.AsText() is not { } text) continue;
            if (text.Length > 63) errors.Add(FieldError.Invalid(path, text, "must be no more than 63 bytes"));
            else if (!NameRules.IsLabelValue(text)) errors.Add(FieldError.Invalid(path, text, NameRules.LabelValueMessage));
        }
    }

    private static void ValidateName(ResourceDefinition resource, JsonObject meta, List<FieldError> errors)
    {
        var name = meta.Text("name") ?? "";
        if (name.Length == 0)
        {
            errors.Add(FieldError.Required("metadata.name", "name or generateName is required"));
            return;
        }

        switch (resource.Group, resource.Plural)
        {
            case ("rbac.authorization.k8s.io", _):
                if (name is "." or ".." || name.AsSpan().IndexOfAny('/', '%') >= 0)
                    errors.Add(FieldError.Invalid("metadata.name", name, "may not contain '/' or '%'"));
                break;
            case ("", "namespaces"):
                if (!NameRules.IsLabel(name)) errors.Add(FieldError.Invalid("metadata.name", name, TooLong(name, 63) ?? NameRules.LabelMessage));
                break;
            case ("", "services"):
                if (!NameRules.IsServiceLabel(name)) errors.Add(FieldError.Invalid("metadata.name", name, TooLong(name, 63) ?? NameRules.ServiceMessage));
                break;
            default:
                if (!NameRules.IsSubdomain(name)) errors.Add(FieldError.Invalid("metadata.name", name, TooLong(name, 253) ?? NameRules.SubdomainMessage));
                break;
        }
    }

    private static void ValidateOwners(JsonObject meta, List<FieldError> errors)
    {
        var controllers = 0;
        var index = 0;
        foreach (var owner in meta.Array("ownerReferences").Objects())
        {
            var path = $"metadata.ownerReferences[{index++}]";
            foreach (var field in (string[])["apiVersion", "kind", "name", "uid"])
            {
                if (string.IsNullOrEmpty(owner.Text(field)))
                    errors.Add(field == "apiVersion" ? FieldError.Invalid($"{path}.{field}", "", "version must not be empty") : FieldError.Invalid($"{path}.{field}", "", "must not be empty"));
            }

            if (owner.Flag("controller") == true && ++controllers == 2)
                errors.Add(FieldError.Invalid("metadata.ownerReferences", meta["ownerReferences"], "Only one reference can have Controller set to true. Found \"true\" in references for several owners"));
        }
    }

    private static void ValidateFinalizers(JsonObject obj, JsonObject? live, List<FieldError> errors)
    {
        var finalizers = obj.Finalizers();
        foreach (var finalizer in finalizers)
        {
            if (!NameRules.IsQualifiedName(finalizer)) errors.Add(FieldError.Invalid("metadata.finalizers", finalizer, NameRules.QualifiedNameMessage));
        }

        if (finalizers.Contains("orphan") && finalizers.Contains("foregroundDeletion"))
            errors.Add(FieldError.Invalid("metadata.finalizers", obj.At("metadata", "finalizers"), "finalizer orphan and foregroundDeletion cannot be both set"));
        if (live?.DeletionTimestamp() is null) return;
        var added = finalizers.Except(live.Finalizers()).ToList();
        if (added.Count > 0)
        {
            errors.Add(FieldError.Forbidden("metadata.finalizers",
                $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(f => $"\"{f}\""))}}}"));
        }
    }

    private static void DropEmpty(JsonObject meta)
    {
        foreach (var name in (string[])["labels", "annotations", "finalizers", "ownerReferences", "generateName"])
        {
            if (meta[name] is JsonObject { Count: 0 } or JsonArray { Count: 0 } || meta[name].AsText() == "" || (meta.ContainsKey(name) && meta[name] is null)) meta.Remove(name);
        }
    }

    private static string? TooLong(string name, int max) => name.Length > max ? $"must be no more than {max} bytes" : null;
}
