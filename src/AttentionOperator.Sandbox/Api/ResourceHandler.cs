using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Authorization;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;
using AttentionOperator.Sandbox.Patch;
using AttentionOperator.Sandbox.Tables;

namespace AttentionOperator.Sandbox.Api;

/// <summary>The REST verbs on resources.</summary>
internal sealed class ResourceHandler
{
    private readonly ApiServices _services;
    private readonly WatchHandler _watches;
    private readonly SubresourceHandler _subresources;
    private readonly ReviewHandler _reviews;

    public ResourceHandler(ApiServices services)
    {
        _services = services;
        _watches = new WatchHandler(services);
        _subresources = new SubresourceHandler(services);
        _reviews = new ReviewHandler(services);
    }

    public async Task HandleAsync(HttpContext context, RequestInfo info, RequestUser user)
    {
        var resource = _services.Context.Registry.Find(info.Group, info.Version, info.Resource) ?? throw ApiErrors.PathNotFound();
        if (resource.Namespaced != (info.Namespace is not null) && (info.Name is not null || info.Namespace is not null)) throw ApiErrors.PathNotFound();
        if (resource.Verbs.Count == 1)
        {
            await _reviews.HandleAsync(context, resource, user).ConfigureAwait(false);
            return;
        }

        if (info.Subresource is { Length: > 0 } && await _subresources.TryHandleAsync(context, resource, info, user).ConfigureAwait(false)) return;
        if (info.Subresource is { Length: > 0 } subresource && !(subresource == "status" && resource.HasStatus) && !(subresource == "finalize" && resource.StorageKey == "/namespaces"))
            throw ApiErrors.PathNotFound();

        switch (context.Request.Method, info.Name)
        {
            case ("GET", null):
                await ListAsync(context, resource, info).ConfigureAwait(false);
                break;
            case ("GET", _):
                await GetAsync(context, resource, info).ConfigureAwait(false);
                break;
            case ("POST", null):
                await CreateAsync(context, resource, info, user).ConfigureAwait(false);
                break;
            case ("PUT", not null):
                await UpdateAsync(context, resource, info, user).ConfigureAwait(false);
                break;
            case ("PATCH", not null):
                await PatchAsync(context, resource, info, user).ConfigureAwait(false);
                break;
            case ("DELETE", not null) when string.IsNullOrEmpty(info.Subresource):
                await DeleteAsync(context, resource, info, user).ConfigureAwait(false);
                break;
            case ("DELETE", null):
                await DeleteCollectionAsync(context, resource, info, user).ConfigureAwait(false);
                break;
            default:
                throw ApiErrors.MethodNotAllowed();
        }
    }

    private async Task ListAsync(HttpContext context, ResourceDefinition resource, RequestInfo info)
    {
        RequireVerb(resource, "list");
        var query = context.Request.Query;
        var selectors = Selectors.Parse(resource, query["labelSelector"], query["fieldSelector"]);
        if (info.WatchPath || query["watch"] == "true" || query["watch"] == "1")
        {
            await _watches.HandleAsync(context, resource, info.Namespace, selectors).ConfigureAwait(false);
            return;
        }

        var page = _services.Reader.List(resource, info.Namespace, RequestOptions.List(context, selectors));
        if (TableRequest.Wants(context, out var includeObject))
            await HttpReplies.JsonAsync(context, 200, TableBuilder.List(resource, page, includeObject, _services.Context.Clock.GetUtcNow())).ConfigureAwait(false);
        else
            await ListWriter.WriteAsync(context, resource, page, TableRequest.WantsMetadataOnly(context)).ConfigureAwait(false);
    }

    private async Task GetAsync(HttpContext context, ResourceDefinition resource, RequestInfo info)
    {
        RequireVerb(resource, "get");
        if (info.WatchPath || context.Request.Query["watch"] == "true")
        {
            await _watches.HandleAsync(context, resource, info.Namespace, Selectors.Parse(resource, null, null, info.Name)).ConfigureAwait(false);
            return;
        }

        var stored = _services.Reader.Get(resource, info.Namespace, info.Name!);
        if (TableRequest.Wants(context, out var includeObject))
        {
            var page = new ListPage([stored], stored.Version, null, null);
            await HttpReplies.JsonAsync(context, 200, TableBuilder.List(resource, page, includeObject, _services.Context.Clock.GetUtcNow())).ConfigureAwait(false);
        }
        else if (TableRequest.WantsMetadataOnly(context))
        {
            await HttpReplies.JsonAsync(context, 200, PartialMetadata.Of(stored.Parse())).ConfigureAwait(false);
        }
        else
        {
            await HttpReplies.JsonAsync(context, 200, VersionConversion.Serve(resource, stored)).ConfigureAwait(false);
        }
    }

    private async Task CreateAsync(HttpContext context, ResourceDefinition resource, RequestInfo info, RequestUser user)
    {
        RequireVerb(resource, "create");
        var duplicates = new List<string>();
        var body = await RequestBody.ReadObjectAsync(context, duplicates).ConfigureAwait(false);
        var options = RequestOptions.Write(context, user);
        var created = await _services.Writer.CreateAsync(resource, info.Namespace, body, options, duplicates).ConfigureAwait(false);
        await ReplyAsync(context, 201, created, options).ConfigureAwait(false);
    }

    private async Task UpdateAsync(HttpContext context, ResourceDefinition resource, RequestInfo info, RequestUser user)
    {
        RequireVerb(resource, "update");
        var duplicates = new List<string>();
        var body = await RequestBody.ReadObjectAsync(context, duplicates).ConfigureAwait(false);
        var options = RequestOptions.Write(context, user);
        var updated = await _services.Writer.UpdateAsync(resource, info.Namespace, info.Name!, info.Subresource ?? "", body, options, duplicates).ConfigureAwait(false);
        await ReplyAsync(context, 200, updated, options).ConfigureAwait(false);
    }

    private async Task PatchAsync(HttpContext context, ResourceDefinition resource, RequestInfo info, RequestUser user)
    {
        RequireVerb(resource, "patch");
        var kind = RequestBody.MediaType(context) switch
        {
            "application/merge-patch+json" => PatchKind.Merge,
            "application/json-patch+json" => PatchKind.Json,
            "application/strategic-merge-patch+json" => PatchKind.Strategic,
            "application/apply-patch+yaml" => PatchKind.Apply,
            _ => throw ApiErrors.UnsupportedMediaType("the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
                + (resource.IsCustom ? "" : ", application/strategic-merge-patch+json")),
        };
        var bytes = await RequestBody.ReadBytesAsync(context).ConfigureAwait(false);
        var patch = RequestBody.Parse(bytes, kind == PatchKind.Apply) ?? throw ApiErrors.BadRequest("the patch is empty");
        var options = RequestOptions.Write(context, user, kind == PatchKind.Apply);
        var (patched, created) = await _services.Patcher.PatchAsync(resource, info.Namespace, info.Name!, info.Subresource ?? "", kind, patch, options).ConfigureAwait(false);
        await ReplyAsync(context, created ? 201 : 200, patched, options).ConfigureAwait(false);
    }

    private async Task DeleteAsync(HttpContext context, ResourceDefinition resource, RequestInfo info, RequestUser user)
    {
        RequireVerb(resource, "delete");
        var (delete, options) = await ReadDeleteAsync(context, user).ConfigureAwait(false);
        var (obj, gone) = await _services.Deleter.DeleteAsync(resource, info.Namespace, info.Name!, delete, options).ConfigureAwait(false);
        var answer = gone && !ReturnsDeleted(resource) ? DeletedStatus(resource, obj) : obj;
        await HttpReplies.JsonAsync(context, 200, answer).ConfigureAwait(false);
    }

    private async Task DeleteCollectionAsync(HttpContext context, ResourceDefinition resource, RequestInfo info, RequestUser user)
    {
        RequireVerb(resource, "deletecollection");
        var (delete, options) = await ReadDeleteAsync(context, user).ConfigureAwait(false);
        var query = context.Request.Query;
        var selectors = Selectors.Parse(resource, query["labelSelector"], query["fieldSelector"]);
        var page = _services.Reader.List(resource, info.Namespace, RequestOptions.List(context, selectors));
        foreach (var item in page.Items)
        {
            try
            {
                await _services.Deleter.DeleteAsync(resource, item.Namespace, item.Name, delete, options).ConfigureAwait(false);
            }
            catch (ApiException e) when (e.Code == 404)
            {
                // Someone else was faster.
            }
        }

        await ListWriter.WriteAsync(context, resource, page, metadataOnly: false).ConfigureAwait(false);
    }

    private static async Task<(DeleteOptions Delete, WriteOptions Options)> ReadDeleteAsync(HttpContext context, RequestUser user)
    {
        var bytes = await RequestBody.ReadBytesAsync(context).ConfigureAwait(false);
        var body = bytes.Length == 0 ? null : RequestBody.ParseObject(context, bytes, []);
        var options = RequestOptions.Write(context, user);
        return (DeleteOptions.From(body, context.Request.Query), body.Array("dryRun") is { Count: > 0 } ? options with { DryRun = true } : options);
    }

    private static void RequireVerb(ResourceDefinition resource, string verb)
    {
        if (!resource.Verbs.Contains(verb)) throw ApiErrors.MethodNotAllowed();
    }

    internal static Task ReplyAsync(HttpContext context, int code, JsonObject obj, WriteOptions options)
    {
        foreach (var warning in options.Warnings)
            context.Response.Headers.Append("Warning", $"299 - \"{warning.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        return HttpReplies.JsonAsync(context, code, obj);
    }

    private static bool ReturnsDeleted(ResourceDefinition resource) =>
        resource.StorageKey is "/pods" or "/services" or "/serviceaccounts" or "/persistentvolumeclaims" or "/persistentvolumes" or "/podtemplates" or "/resourcequotas";

    private static JsonObject DeletedStatus(ResourceDefinition resource, JsonObject obj)
    {
        var details = ApiErrors.Details(resource, obj.Name() ?? "");
        details["uid"] = obj.Uid();
        return new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["details"] = details };
    }
}
