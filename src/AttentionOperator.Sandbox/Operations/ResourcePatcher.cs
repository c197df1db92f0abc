using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Patch;

namespace AttentionOperator.Sandbox.Operations;

/// <summary>Patches of all four kinds.</summary>
internal sealed class ResourcePatcher(ApiContext api, ResourceWriter writer)
{
    /// <returns>The object and whether an apply patch created it.</returns>
    public async Task<(JsonObject Object, bool Created)> PatchAsync(ResourceDefinition resource, string? ns, string name, string subresource, PatchKind kind, JsonNode patch, WriteOptions options)
    {
        if (kind == PatchKind.Apply) return await ApplyAsync(resource, ns, name, subresource, patch, options).ConfigureAwait(false);
        if (kind == PatchKind.Strategic && resource.IsCustom)
            throw ApiErrors.UnsupportedMediaType("the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
        var changed = await writer.ChangeAsync(resource, ns, name, subresource, live =>
        {
            // A patch that names no version must win over writers in between: the live version is not pinned.
            var version = live.ResourceVersion();
            if (kind != PatchKind.Json) live.Meta().Remove("resourceVersion");
            var result = Patched(resource, live, kind, patch);
            if (result.Name() is { } renamed && renamed != name) throw ApiErrors.BadRequest($"the name of the object ({renamed}) does not match the name on the URL ({name})");
            if (kind == PatchKind.Json && result.ResourceVersion() == version) result.Meta().Remove("resourceVersion");
            var decoded = ObjectDecoder.Decode(resource, result, options);
            return decoded;
        }, options, applying: false).ConfigureAwait(false);
        return (changed, false);
    }

    private static JsonObject Patched(ResourceDefinition resource, JsonObject live, PatchKind kind, JsonNode patch) => (kind, patch) switch
    {
        (PatchKind.Json, JsonArray operations) => JsonPatch.Apply(live, operations),
        (PatchKind.Merge, JsonObject merge) => MergePatch.Apply(live, merge),
        (PatchKind.Strategic, JsonObject strategic) => StrategicMergePatch.Apply(live, strategic, resource.Schema),
        _ => throw ApiErrors.BadRequest($"the patch is not a JSON {(kind == PatchKind.Json ? "array" : "object")}"),
    };

    private async Task<(JsonObject Object, bool Created)> ApplyAsync(ResourceDefinition resource, string? ns, string name, string subresource, JsonNode patch, WriteOptions options)
    {
        var config = ObjectDecoder.Decode(resource, patch as JsonObject ?? throw ApiErrors.BadRequest("the apply patch is not an object"), options);
        if (config.Meta()["managedFields"] is JsonArray { Count: > 0 }) throw ApiErrors.BadRequest("metadata.managedFields must be nil");
        if (config.Name() is { Length: > 0 } given && given != name)
            throw ApiErrors.BadRequest($"the name of the object ({given}) does not match the name on the URL ({name})");
        config.Meta()["name"] = name;
        if (ns is not null) config.Meta()["namespace"] = ns;
        if (api.Store.Find(resource.StorageKey, ns ?? "", name) is null)
        {
            if (subresource.Length > 0) throw ApiErrors.NotFound(resource, name);
            if (config.Uid() is { Length: > 0 }) throw ApiErrors.Conflict(resource, name, "uid mismatch: the provided object specified uid but no existing object was found");
            try
            {
                return (await writer.CreateDecodedAsync(resource, ns, config.Clone(), options, config).ConfigureAwait(false), true);
            }
            catch (ApiException e) when (e.Reason == "AlreadyExists" && !options.DryRun)
            {
                // Another writer created it in between: apply to that object.
            }
        }

        var changed = await writer.ChangeAsync(resource, ns, name, subresource,
            live => ApplyPatch.Merge(resource, live, config, options, subresource, api.Clock.GetUtcNow()), options, applying: true).ConfigureAwait(false);
        return (changed, false);
    }
}
