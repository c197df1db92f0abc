using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;

namespace AttentionOperator.Sandbox.Authorization;

/// <summary>Asks the authorizer about an HTTP request.</summary>
internal static class RequestAuthorization
{
    public static void Check(ApiServices services, HttpContext context, RequestInfo info, RequestUser user)
    {
        var watch = info.WatchPath || context.Request.Query["watch"] is var flag && (flag == "true" || flag == "1");
        var verb = (context.Request.Method, info.Name) switch
        {
            ("GET", null) => watch ? "watch" : "list",
            ("GET", _) => watch ? "watch" : "get",
            ("POST", _) => "create",
            ("PUT", _) => "update",
            ("PATCH", _) => "patch",
            ("DELETE", null) => "deletecollection",
            _ => "delete",
        };
        var ns = info.Namespace ?? "";
        var question = new AccessQuestion(verb, info.Group, info.Resource, info.Subresource ?? "", ns, info.Name ?? "");
        if (services.Authorizer.Allows(user, question)) return;
        var resource = info.Group.Length == 0 ? info.Resource : $"{info.Resource}.{info.Group}";
        var scope = ns.Length == 0 ? "at the cluster scope" : $"in the namespace \"{ns}\"";
        var named = info.Name is { } name ? $"{resource} \"{name}\"" : resource;
        var details = new JsonObject { ["kind"] = info.Resource };
        if (info.Group.Length > 0) details["group"] = info.Group;
        if (info.Name is not null) details["name"] = info.Name;
        throw new ApiException(403, "Forbidden", $"{named} is forbidden: User \"{user.Name}\" cannot {verb} resource \"{question.FullResource}\" in API group \"{info.Group}\" {scope}", details);
    }
}
