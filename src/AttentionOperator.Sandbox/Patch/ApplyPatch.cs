using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;

namespace AttentionOperator.Sandbox.Patch;

/// <summary>Server-side apply.</summary>
internal static class ApplyPatch
{
    public static JsonObject Merge(ResourceDefinition resource, JsonObject live, JsonObject config, WriteOptions options, string subresource, DateTimeOffset now) =>
        MergePatch.Apply(live, config);
}
