using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Admission;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Builtins;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Patch;
using AttentionOperator.Sandbox.Schema;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Operations;

/// <summary>Creates and changes objects: decode, default, admit, validate, own, store.</summary>
internal sealed class ResourceWriter(ApiContext api)
{
    private const int MaximumAttempts = 10;
    private static readonly string[] FirstMembers = ["apiVersion", "kind", "metadata"];

    public Task<JsonObject> CreateAsync(ResourceDefinition resource, string? ns, JsonObject body, WriteOptions options, IReadOnlyList<string>? duplicates = null) =>
        CreateDecodedAsync(resource, ns, ObjectDecoder.Decode(resource, body, options, duplicates), options, apply: null);

    /// <param name="apply">The configuration of an apply patch that creates the object.</param>
    public async Task<JsonObject> CreateDecodedAsync(ResourceDefinition resource, string? ns, JsonObject obj, WriteOptions options, JsonObject? apply)
    {
        ns = NamespaceOf(resource, ns, obj);
        if (resource.Namespaced) EnsureNamespaceAccepts(resource, ns!, obj);
        if (!string.IsNullOrEmpty(obj.ResourceVersion()) && apply is null) throw ApiErrors.BadRequest("resourceVersion should not be set on objects to be created");
        var rules = KindRules.Of(resource);
        if (resource.HasStatus) obj.Remove("status");
        MetadataRules.PrepareForCreate(resource, obj, ns, api.Clock.GetUtcNow());
        Complete(resource, rules, obj);
        FieldOwnership.RecordCreate(resource, obj, options, apply, api.Clock.GetUtcNow());
        rules.PrepareForCreate(obj);

        var attributes = new AdmissionAttributes
        {
            Resource = resource,
            Operation = "CREATE",
            Namespace = ns ?? "",
            Name = obj.Name() ?? "",
            Object = obj,
            Options = options,
        };
        await api.Admission.MutateAsync(attributes).ConfigureAwait(false);
        obj = attributes.Object!;
        ObjectDecoder.Clean(resource, obj, options with { FieldValidation = FieldValidation.Ignore });
        Complete(resource, rules, obj);
        Validate(resource, rules, obj, null);
        await api.Admission.ValidateAsync(attributes).ConfigureAwait(false);
        obj = Ordered(obj);
        if (options.DryRun)
        {
            if (api.Store.Find(resource.StorageKey, ns ?? "", obj.Name()!) is not null) throw ApiErrors.AlreadyExists(resource, obj.Name()!);
            return obj;
        }

        var stored = VersionConversion.ToStorage(resource, obj);
        var result = await api.Store.CreateAsync(resource.StorageKey, stored, resource.StoredFields).ConfigureAwait(false)
            ?? throw ApiErrors.AlreadyExists(resource, obj.Name()!);
        await NotifyAsync(resource, ChangeKind.Added, result).ConfigureAwait(false);
        return ServeForm(resource, result);
    }

    public Task<JsonObject> UpdateAsync(ResourceDefinition resource, string? ns, string name, string subresource, JsonObject body, WriteOptions options, IReadOnlyList<string>? duplicates = null)
    {
        var obj = ObjectDecoder.Decode(resource, body, options, duplicates);
        CheckNames(resource, ns, name, obj);
        if (string.IsNullOrEmpty(obj.ResourceVersion()) && resource.IsCustom)
        {
            throw ApiErrors.Invalid(resource, name, [FieldError.InvalidText("metadata.resourceVersion", "0", "must be specified for an update")]);
        }

        return ChangeAsync(resource, ns, name, subresource, _ => obj.Clone(), options, applying: false);
    }

    /// <summary>
    /// Reads, changes and stores. A conflict with another writer is retried on what that one wrote; a change that names the version that it was made for
    /// then fails by its precondition.
    /// </summary>
    public async Task<JsonObject> ChangeAsync(ResourceDefinition resource, string? ns, string name, string subresource, Func<JsonObject, JsonObject> change, WriteOptions options, bool applying)
    {
        for (var attempt = 1; ; attempt++)
        {
            var previous = api.Store.Find(resource.StorageKey, ns ?? "", name) ?? throw ApiErrors.NotFound(resource, name);
            var live = VersionConversion.FromStorage(resource, previous.Parse());
            var obj = change(live.Clone());
            CheckPreconditions(resource, name, obj, live);
            if (await StoreChangeAsync(resource, previous, live, obj, subresource, options, applying).ConfigureAwait(false) is { } result) return result;
            if (attempt >= MaximumAttempts) throw ApiErrors.Conflict(resource, name);
        }
    }

    private async Task<JsonObject?> StoreChangeAsync(ResourceDefinition resource, StoredObject previous, JsonObject live, JsonObject obj, string subresource, WriteOptions options, bool applying)
    {
        var rules = KindRules.Of(resource);
        MetadataRules.PrepareForUpdate(obj, live);
        SubresourceScope.Confine(resource, obj, live, subresource);
        Complete(resource, rules, obj);
        if (subresource.Length == 0) rules.PrepareForUpdate(obj, live);
        var attributes = new AdmissionAttributes
        {
            Resource = resource,
            Subresource = subresource,
            Operation = "UPDATE",
            Namespace = previous.Namespace,
            Name = previous.Name,
            Object = obj,
            OldObject = live,
            Options = options,
        };
        if (!applying) FieldOwnership.RecordUpdate(resource, obj, live, options, subresource, api.Clock.GetUtcNow());
        await api.Admission.MutateAsync(attributes).ConfigureAwait(false);
        obj = attributes.Object!;
        ObjectDecoder.Clean(resource, obj, options with { FieldValidation = FieldValidation.Ignore });
        Complete(resource, rules, obj);
        GenerationRules.Apply(resource, obj, live, subresource);
        Validate(resource, rules, obj, live, subresource);
        await api.Admission.ValidateAsync(attributes).ConfigureAwait(false);
        obj = Ordered(obj);
        obj.Meta()["resourceVersion"] = live.ResourceVersion();
        if (FieldOwnership.SameExceptTimes(obj, live)) return live;
        if (options.DryRun) return obj;

        var stored = VersionConversion.ToStorage(resource, obj);
        if (DeletionRules.IsFinished(resource, obj))
        {
            var removed = await api.Store.DeleteAsync(resource.StorageKey, previous, stored, resource.StoredFields).ConfigureAwait(false);
            if (removed is null) return null;
            await NotifyAsync(resource, ChangeKind.Deleted, removed).ConfigureAwait(false);
            return ServeForm(resource, removed);
        }

        var result = await api.Store.UpdateAsync(resource.StorageKey, previous, stored, resource.StoredFields).ConfigureAwait(false);
        if (result is null) return null;
        await NotifyAsync(resource, ChangeKind.Modified, result).ConfigureAwait(false);
        return ServeForm(resource, result);
    }

    public async Task NotifyAsync(ResourceDefinition resource, ChangeKind kind, StoredObject stored)
    {
        foreach (var observer in api.Observers) await observer.CommittedAsync(resource, kind, stored).ConfigureAwait(false);
    }

    private static void Complete(ResourceDefinition resource, IKindRules rules, JsonObject obj)
    {
        Defaulting.Apply(obj, resource.Schema);
        rules.Default(obj);
    }

    private static void Validate(ResourceDefinition resource, IKindRules rules, JsonObject obj, JsonObject? live, string subresource = "")
    {
        var errors = new List<FieldError>();
        MetadataRules.Validate(resource, obj, live, errors);
        if (resource.IsCustom)
        {
            SchemaValidator.Validate(obj, resource.Schema, "", errors);
            if (errors.Count == 0) CelValidation.Validate(obj, live, resource.Schema, errors);
        }
        else if (subresource.Length == 0)
        {
            rules.Validate(obj, live, errors);
            BuiltinRequired.Validate(resource, obj, errors);
        }

        if (errors.Count > 0) throw ApiErrors.Invalid(resource, obj.Name() ?? "", errors);
    }

    private static void CheckPreconditions(ResourceDefinition resource, string name, JsonObject obj, JsonObject live)
    {
        if (obj.Uid() is { Length: > 0 } uid && uid != live.Uid())
            throw ApiErrors.OtherObject(resource, name, uid, live.Namespace(), live.Uid());
        if (obj.ResourceVersion() is { Length: > 0 } version && version != live.ResourceVersion())
            throw ApiErrors.Conflict(resource, name);
    }

    private static string? NamespaceOf(ResourceDefinition resource, string? ns, JsonObject obj)
    {
        if (!resource.Namespaced) return null;
        var given = obj.Namespace();
        if (string.IsNullOrEmpty(ns)) throw ApiErrors.BadRequest("an empty namespace may not be set during creation");
        if (!string.IsNullOrEmpty(given) && given != ns) throw ApiErrors.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        return ns;
    }

    private static void CheckNames(ResourceDefinition resource, string? ns, string name, JsonObject obj)
    {
        var given = obj.Name();
        if (string.IsNullOrEmpty(given)) obj.Meta()["name"] = name;
        else if (given != name) throw ApiErrors.BadRequest($"the name of the object ({given}) does not match the name on the URL ({name})");
        NamespaceOf(resource, ns, obj);
    }

    private void EnsureNamespaceAccepts(ResourceDefinition resource, string ns, JsonObject obj)
    {
        if (resource.Verbs.Count == 1) return;
        var found = api.Store.Find("/namespaces", "", ns);
        if (found is null)
        {
            throw new ApiException(404, "NotFound", $"namespaces \"{ns}\" not found", new JsonObject { ["name"] = ns, ["kind"] = "namespaces" });
        }

        var parsed = found.Parse();
        if (parsed.DeletionTimestamp() is null) return;
        var error = ApiErrors.Forbidden(resource, obj.Name() ?? "", $"unable to create new content in namespace {ns} because it is being terminated");
        error.Details!["causes"] = new JsonArray(new JsonObject { ["reason"] = "NamespaceTerminating", ["message"] = $"namespace {ns} is being terminated", ["field"] = "metadata.namespace" });
        throw error;
    }

    private static JsonObject ServeForm(ResourceDefinition resource, StoredObject stored) => VersionConversion.FromStorage(resource, stored.Parse());

    private static JsonObject Ordered(JsonObject obj)
    {
        var members = obj.ToList();
        obj.Clear();
        foreach (var name in FirstMembers) obj[name] = members.Find(m => m.Key == name).Value;
        foreach (var (name, value) in members.Where(m => !FirstMembers.Contains(m.Key))) obj[name] = value;
        return obj;
    }
}
