using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;

namespace AttentionOperator.Sandbox.Discovery;

/// <summary><c>/version</c>, <c>/api</c>, <c>/apis</c> and below, classic and aggregated.</summary>
internal sealed class DiscoveryHandler(ApiServices services)
{
    private const string Aggregated = "g=apidiscovery.k8s.io";

    public async Task<bool> TryHandleAsync(HttpContext context, string path)
    {
        if (context.Request.Method != "GET") return false;
        var document = Document(context, path.Trim('/').Split('/'));
        if (document is null) return false;
        await HttpReplies.JsonAsync(context, 200, document).ConfigureAwait(false);
        return true;
    }

    private JsonObject? Document(HttpContext context, string[] parts)
    {
        var registry = services.Context.Registry;
        var accept = context.Request.Headers.Accept.ToString();
        switch (parts)
        {
            case [""]:
                return new JsonObject { ["paths"] = new JsonArray("/api", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version") };
            case ["version"]:
                return ServerVersion.Document();
            case ["api"] when accept.Contains(Aggregated, StringComparison.Ordinal):
                return AggregatedDiscovery.Document(context, registry.All.Where(r => r.Group.Length == 0), []);
            case ["apis"] when accept.Contains(Aggregated, StringComparison.Ordinal):
                return AggregatedDiscovery.Document(context, registry.All.Where(r => r.Group.Length > 0), services.Aggregated);
            case ["api"]:
                return new JsonObject
                {
                    ["kind"] = "APIVersions",
                    ["versions"] = new JsonArray("v1"),
                    ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = context.Request.Host.Value }),
                };
            case ["apis"]:
                return ClassicDiscovery.Groups(registry, services.Aggregated);
            case ["api", "v1"]:
                return ClassicDiscovery.Resources(registry, "", "v1");
            case ["apis", var group]:
                return ClassicDiscovery.Group(registry, group, services.Aggregated);
            case ["apis", var group, var version] when registry.HasGroupVersion(group, version):
                return ClassicDiscovery.Resources(registry, group, version);
            default:
                return null;
        }
    }
}
