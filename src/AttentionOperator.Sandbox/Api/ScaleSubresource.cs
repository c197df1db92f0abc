using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Builtins;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;
using AttentionOperator.Sandbox.Patch;
using AttentionOperator.Sandbox.Schema;
using k8s.Models;

namespace AttentionOperator.Sandbox.Api;

/// <summary><c>autoscaling/v1 Scale</c> of workloads and of custom resources that declare it.</summary>
internal sealed class ScaleSubresource(ApiServices services)
{
    public async Task HandleAsync(HttpContext context, ResourceDefinition resource, RequestInfo info, RequestUser user)
    {
        var live = VersionConversion.FromStorage(resource, services.Reader.Get(resource, info.Namespace, info.Name!).Parse());
        switch (context.Request.Method)
        {
            case "GET":
                await HttpReplies.JsonAsync(context, 200, Read(resource, live)).ConfigureAwait(false);
                return;
            case "PUT":
                var body = await RequestBody.ReadObjectAsync(context, []).ConfigureAwait(false);
                await WriteAsync(context, resource, info, RequestOptions.Write(context, user), _ => body.Clone()).ConfigureAwait(false);
                return;
            case "PATCH":
                var type = RequestBody.MediaType(context);
                var bytes = await RequestBody.ReadBytesAsync(context).ConfigureAwait(false);
                var patch = RequestBody.Parse(bytes, type == "application/apply-patch+yaml") ?? throw ApiErrors.BadRequest("the patch is empty");
                var applying = type == "application/apply-patch+yaml";
                await WriteAsync(context, resource, info, RequestOptions.Write(context, user, applying), scale => (type, patch) switch
                {
                    ("application/json-patch+json", JsonArray operations) => JsonPatch.Apply(scale, operations),
                    ("application/strategic-merge-patch+json", JsonObject strategic) => StrategicMergePatch.Apply(scale, strategic, ReflectedSchemas.Shared.Of(typeof(V1Scale))),
                    (_, JsonObject merge) => MergePatch.Apply(scale, merge),
                    _ => throw ApiErrors.BadRequest("the patch has the wrong JSON type"),
                }).ConfigureAwait(false);
                return;
            default:
                throw ApiErrors.MethodNotAllowed();
        }
    }

    private async Task WriteAsync(HttpContext context, ResourceDefinition resource, RequestInfo info, WriteOptions options, Func<JsonObject, JsonObject> change)
    {
        var updated = await services.Writer.ChangeAsync(resource, info.Namespace, info.Name!, "scale", live =>
        {
            var scale = change(Read(resource, live));
            var replicas = scale.Object("spec").Integer("replicas") ?? 0;
            if (replicas < 0)
                throw ApiErrors.Invalid("autoscaling", "Scale", "Scale.autoscaling", info.Name!, [FieldError.Invalid("spec.replicas", replicas, "must be greater than or equal to 0")]);
            var version = scale.ResourceVersion();
            if (!string.IsNullOrEmpty(version) && version != live.ResourceVersion()) throw ApiErrors.Conflict(resource, info.Name!);
            Set(live, resource.Scale!.SpecReplicasPath, replicas);
            if (scale.Integer("status") is null && context.Request.Method != "PUT") live.Meta().Remove("resourceVersion");
            return live;
        }, options, applying: false).ConfigureAwait(false);
        await ResourceHandler.ReplyAsync(context, 200, Read(resource, updated), options).ConfigureAwait(false);
    }

    internal static JsonObject Read(ResourceDefinition resource, JsonObject obj)
    {
        var meta = new JsonObject();
        foreach (var name in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (obj.At("metadata", name) is { } value) meta[name] = value.DeepClone();
        }

        var scale = resource.Scale!;
        var status = new JsonObject { ["replicas"] = Get(obj, scale.StatusReplicasPath).AsInteger() ?? 0 };
        var selector = scale.LabelSelectorPath is { } path ? Get(obj, path) : null;
        if (selector.AsText() is { Length: > 0 } text) status["selector"] = text;
        else if (selector is JsonObject structured) status["selector"] = LabelSelectors.Format(structured);
        var spec = new JsonObject();
        if (Get(obj, scale.SpecReplicasPath).AsInteger() is { } replicas) spec["replicas"] = replicas;
        return new JsonObject { ["kind"] = "Scale", ["apiVersion"] = "autoscaling/v1", ["metadata"] = meta, ["spec"] = spec, ["status"] = status };
    }

    private static JsonNode? Get(JsonObject obj, string path) => obj.At(path.TrimStart('.').Split('.'));

    private static void Set(JsonObject obj, string path, long value)
    {
        var steps = path.TrimStart('.').Split('.');
        foreach (var step in steps[..^1]) obj = obj.Ensure(step);
        obj[steps[^1]] = value;
    }
}
