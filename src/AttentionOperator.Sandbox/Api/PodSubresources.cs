using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Builtins;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Log, binding and eviction of pods.</summary>
internal sealed class PodSubresources(ApiServices services)
{
    public async Task LogAsync(HttpContext context, ResourceDefinition resource, RequestInfo info)
    {
        var pod = services.Reader.Get(resource, info.Namespace, info.Name!).Parse();
        var containers = pod.At("spec", "containers") as JsonArray;
        var names = containers.Objects().Concat((pod.At("spec", "initContainers") as JsonArray).Objects()).Select(c => c.Text("name")!).ToList();
        var query = context.Request.Query;
        var container = query["container"].ToString();
        if (container.Length == 0)
        {
            if (containers?.Count > 1)
            {
                throw ApiErrors.BadRequest($"a container name must be specified for pod {info.Name}, choose one of: [{string.Join(" ", containers.Objects().Select(c => c.Text("name")))}]");
            }

            container = names[0];
        }
        else if (!names.Contains(container))
        {
            throw ApiErrors.BadRequest($"container {container} is not valid for pod {info.Name}");
        }

        var request = new PodLogQuery(info.Namespace!, info.Name!, container)
        {
            Follow = query["follow"] == "true",
            Previous = query["previous"] == "true",
            Timestamps = query["timestamps"] == "true",
            TailLines = int.TryParse(query["tailLines"], out var tail) ? tail : null,
            LimitBytes = long.TryParse(query["limitBytes"], out var limit) ? limit : null,
            Since = Since(query),
        };
        context.Response.ContentType = "text/plain";
        var stream = context.Response.Body;
        if (services.Options.PodLogs is { } logs && await logs.CopyLogAsync(request, stream, context.RequestAborted).ConfigureAwait(false)) return;
        if (context.Response.HasStarted) return;
        context.Response.ContentType = null;
        throw ApiErrors.BadRequest(request.Previous
            ? $"previous terminated container \"{container}\" in pod \"{info.Name}\" not found"
            : $"container \"{container}\" in pod \"{info.Name}\" is waiting to start: ContainerCreating");
    }

    public async Task BindAsync(HttpContext context, ResourceDefinition resource, RequestInfo info, RequestUser user)
    {
        if (context.Request.Method != "POST") throw ApiErrors.MethodNotAllowed();
        var body = await RequestBody.ReadObjectAsync(context, []).ConfigureAwait(false);
        var node = body.Object("target").Text("name");
        if (string.IsNullOrEmpty(node)) throw ApiErrors.Invalid("", "Binding", "Binding", info.Name!, [FieldError.Required("target.name")]);
        var options = RequestOptions.Write(context, user);
        await services.Writer.ChangeAsync(resource, info.Namespace, info.Name!, "binding", live =>
        {
            if (live.DeletionTimestamp() is not null) throw ApiErrors.Conflict(resource, info.Name!, $"pod {info.Name} is being deleted, cannot be assigned to a host");
            if (live.At("spec", "nodeName").AsText() is { Length: > 0 } already) throw ApiErrors.Conflict(resource, info.Name!, $"pod {info.Name} is already assigned to node \"{already}\"");
            live.Ensure("spec")["nodeName"] = node;
            PodConditions.Set(live, "PodScheduled", "True", services.Context.Clock.GetUtcNow());
            live.Meta().Remove("resourceVersion");
            return live;
        }, options, applying: false).ConfigureAwait(false);
        await ResourceHandler.ReplyAsync(context, 201, Success(), options).ConfigureAwait(false);
    }

    /// <summary>Deletes the pod if its disruption budgets allow that: 429 when they do not, 500 when more than one budget covers it.</summary>
    public async Task EvictAsync(HttpContext context, ResourceDefinition resource, RequestInfo info, RequestUser user)
    {
        if (context.Request.Method != "POST") throw ApiErrors.MethodNotAllowed();
        var body = await RequestBody.ReadObjectAsync(context, []).ConfigureAwait(false);
        var options = RequestOptions.Write(context, user);
        if (body.Array("dryRun").Objects().Any() || body.Object("deleteOptions").Array("dryRun") is { Count: > 0 }) options = options with { DryRun = true };
        var pod = services.Reader.Get(resource, info.Namespace, info.Name!).Parse();
        if (!Disruption.IsFree(pod)) await TakeFromBudgetAsync(resource, info, pod, options).ConfigureAwait(false);
        var delete = DeleteOptions.From(body.Object("deleteOptions"), context.Request.Query);
        if (!options.DryRun) await MarkDisruptedAsync(resource, info, options).ConfigureAwait(false);
        await services.Deleter.DeleteAsync(resource, info.Namespace, info.Name!, delete, options).ConfigureAwait(false);
        await ResourceHandler.ReplyAsync(context, 201, Success(), options).ConfigureAwait(false);
    }

    private async Task TakeFromBudgetAsync(ResourceDefinition resource, RequestInfo info, JsonObject pod, WriteOptions options)
    {
        var definition = services.Context.Registry.Find("policy", "v1", "poddisruptionbudgets")!;
        var budgets = services.Context.Store.Snapshot(definition.StorageKey).Objects(info.Namespace).Select(s => s.Parse())
            .Where(b => LabelSelectors.Matches(b.At("spec", "selector") as JsonObject, pod.At("metadata", "labels") as JsonObject)).ToList();
        if (budgets.Count == 0) return;
        if (budgets.Count > 1) throw ApiErrors.Internal("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        var budget = budgets[0];
        if (Disruption.IsUnhealthyAndFree(pod, budget)) return;
        await services.Writer.ChangeAsync(definition, info.Namespace, budget.Name()!, "status", live =>
        {
            live.Meta().Remove("resourceVersion");
            return Disruption.Take(live, pod, services.Context.Clock.GetUtcNow());
        }, options, applying: false).ConfigureAwait(false);
        _ = resource;
    }

    private Task<JsonObject> MarkDisruptedAsync(ResourceDefinition resource, RequestInfo info, WriteOptions options) =>
        services.Writer.ChangeAsync(resource, info.Namespace, info.Name!, "status", live =>
        {
            live.Meta().Remove("resourceVersion");
            PodConditions.Set(live, "DisruptionTarget", "True", services.Context.Clock.GetUtcNow(), "EvictionByEvictionAPI", "Eviction API: evicting");
            return live;
        }, options, applying: false);

    private DateTimeOffset? Since(IQueryCollection query)
    {
        if (DateTimeOffset.TryParse(query["sinceTime"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time;
        return int.TryParse(query["sinceSeconds"], out var seconds) ? services.Context.Clock.GetUtcNow().AddSeconds(-seconds) : null;
    }

    private static JsonObject Success() => new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["code"] = 201 };
}
