using System.Text.Json.Nodes;
using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Routing;

namespace AttentionOperator.Gateway.Requests;

/// <summary><c>GET /v1/models</c>: every model that the caller may use, in OpenAI's shape.</summary>
internal sealed class ModelsEndpoint(RoutingTableSource routing, Authenticator authenticator)
{
    public Task HandleAsync(HttpContext context) => context.Response.WriteAsJsonAsync(List(context), context.RequestAborted);

    private JsonObject List(HttpContext context)
    {
        var table = routing.Table;
        var visible = table.Routes.Where(r => authenticator.Check(context, r).Caller is not null);
        return new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. visible.OrderBy(r => r.Name, StringComparer.Ordinal).ThenBy(r => r.Namespace, StringComparer.Ordinal).Select(r => (JsonNode)new JsonObject
            {
                ["id"] = table.Find(r.Name).Route == r ? r.Name : $"{r.Namespace}/{r.Name}",
                ["object"] = "model",
                ["owned_by"] = r.Namespace,
                ["task"] = r.Spec.Task.ToString(),
                ["ready"] = r.HasEndpoints,
            })]),
        };
    }
}
