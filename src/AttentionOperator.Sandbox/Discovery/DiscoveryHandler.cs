using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;

namespace AttentionOperator.Sandbox.Discovery;

/// <summary><c>/version</c>, <c>/api</c>, <c>/apis</c> and below, classic and aggregated.</summary>
internal sealed class DiscoveryHandler(ApiServices services)
{
    private const string Aggregated = "g=apidiscovery.k8s.io";

    private readonly OpenApiDocuments _openApi = new(services.Context.Registry);

    public async Task<bool> TryHandleAsync(HttpContext context, string path)
    {
        if (context.Request.Method != "GET") return false;
        if (path.StartsWith("/openapi/", StringComparison.Ordinal))
        {
            await OpenApiAsync(context, path["/openapi/".Length..].Trim('/')).ConfigureAwait(false);
            return true;
        }

        var document = Document(context, path.Trim('/').Split('/'));
        if (document is null) return false;
        await HttpReplies.JsonAsync(context, 200, document).ConfigureAwait(false);
        return true;
    }

    /// <summary>
    /// The protobuf form of OpenAPI v2 with no definitions. Clients read schemas from v3 and ask for this only about kinds that v3 does not know,
    /// to find that v2 does not know them either.
    /// </summary>
    private static readonly byte[] EmptyV2 = [0x0a, 3, .. "2.0"u8, 0x12, 0x12, 0x0a, 10, .. "Kubernetes"u8, 0x12, 4, .. "v1.0"u8];

    private async Task OpenApiAsync(HttpContext context, string path)
    {
        var accept = context.Request.Headers.Accept.ToString();
        var json = accept.Length == 0 || accept.Contains("json", StringComparison.Ordinal) || accept.Contains("*/*", StringComparison.Ordinal);
        if (path == "v2" && accept.Contains("proto-openapi.spec.v2", StringComparison.Ordinal) && !accept.Contains("json", StringComparison.Ordinal))
        {
            context.Response.ContentType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
            await context.Response.Body.WriteAsync(EmptyV2, context.RequestAborted).ConfigureAwait(false);
            return;
        }

        if (!json) throw new ApiException(406, "NotAcceptable", "only the following media types are accepted: application/json");
        if (path == "v3") await HttpReplies.JsonAsync(context, 200, _openApi.Index()).ConfigureAwait(false);
        else if (path == "v2") await HttpReplies.JsonAsync(context, 200, _openApi.V2()).ConfigureAwait(false);
        else if (path.StartsWith("v3/", StringComparison.Ordinal) && _openApi.V3(path[3..]) is { } document) await HttpReplies.JsonAsync(context, 200, document).ConfigureAwait(false);
        else throw ApiErrors.PathNotFound();
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
