using System.Text.Json.Nodes;
using AttentionOperator.Gateway.Routing;

namespace AttentionOperator.Gateway.Requests;

/// <summary><c>GET /v1/models</c>: every model of this gateway, in OpenAI's shape.</summary>
internal static class ModelsEndpoint
{
    public static JsonObject List(RoutingTable table) => new()
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. table.Routes.OrderBy(r => r.Name, StringComparer.Ordinal).ThenBy(r => r.Namespace, StringComparer.Ordinal).Select(r => (JsonNode)new JsonObject
        {
            ["id"] = table.Find(r.Name).Route == r ? r.Name : $"{r.Namespace}/{r.Name}",
            ["object"] = "model",
            ["owned_by"] = r.Namespace,
            ["task"] = r.Spec.Task.ToString(),
            ["ready"] = r.HasEndpoints,
        })]),
    };
}
