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
        var question = new AccessQuestion(verb, info.Group, info.Resource, info.Subresource ?? "", ns, info.Name ?? SelectedName(context));
        AccessLog.Current?.Note(context.Request.Headers.UserAgent.ToString(), question);
        if (services.Authorizer.Allows(user, question))
        {
            // An apply of what is not there creates it, and asks for that right too.
            if (verb != "patch" || info.Subresource is not null || context.Request.ContentType?.StartsWith("application/apply-patch", StringComparison.Ordinal) != true
                || services.Context.Store.Find($"{info.Group}/{info.Resource}", ns, info.Name!) is not null) return;
            verb = "create";
            question = question with { Verb = verb };
            AccessLog.Current?.Note(context.Request.Headers.UserAgent.ToString(), question);
            if (services.Authorizer.Allows(user, question)) return;
        }

        var resource = info.Group.Length == 0 ? info.Resource : $"{info.Resource}.{info.Group}";
        var scope = ns.Length == 0 ? "at the cluster scope" : $"in the namespace \"{ns}\"";
        var named = info.Name is { } name ? $"{resource} \"{name}\"" : resource;
        var details = new JsonObject { ["kind"] = info.Resource };
        if (info.Group.Length > 0) details["group"] = info.Group;
        if (info.Name is not null) details["name"] = info.Name;
        throw new ApiException(403, "Forbidden", $"{named} is forbidden: User \"{user.Name}\" cannot {verb} resource \"{question.FullResource}\" in API group \"{info.Group}\" {scope}", details);
    }

    // A list or watch of one name is a question about that name, so that rules with resourceNames cover it.
    private static string SelectedName(HttpContext context) =>
        context.Request.Query["fieldSelector"].ToString() is var selector && selector.StartsWith("metadata.name=", StringComparison.Ordinal) && !selector.Contains(',', StringComparison.Ordinal)
            ? selector["metadata.name=".Length..].TrimStart('=')
            : "";
}
