using AttentionOperator.Sandbox.Operations;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Reads the query parameters that every verb shares.</summary>
internal static class RequestOptions
{
    public static WriteOptions Write(HttpContext context, RequestUser user, bool applying = false)
    {
        var query = context.Request.Query;
        var manager = query["fieldManager"].ToString();
        if (manager.Length > 128)
            throw InvalidOption("fieldManager", FieldError.TooLong("fieldManager", 128));
        if (applying && manager.Length == 0)
            throw InvalidOption("fieldManager", FieldError.Required("fieldManager", "is required for apply patch"));
        if (query["force"].Count > 0 && !applying) throw InvalidOption("force", FieldError.Forbidden("force", "may not be specified for non-apply patch"));
        foreach (var value in query["dryRun"])
        {
            if (value is not "All") throw InvalidOption("dryRun", FieldError.NotSupported("dryRun", value, ["All"]));
        }

        return new WriteOptions
        {
            User = user,
            FieldManager = manager.Length > 0 ? manager : AgentName(context),
            FieldManagerGiven = manager.Length > 0,
            DryRun = query["dryRun"].Count > 0,
            Force = query["force"] == "true",
            FieldValidation = query["fieldValidation"].ToString() switch
            {
                "" or "Warn" => FieldValidation.Warn,
                "Ignore" => FieldValidation.Ignore,
                "Strict" => FieldValidation.Strict,
                var other => throw InvalidOption("fieldValidation", FieldError.NotSupported("fieldValidation", other, ["", "Ignore", "Strict", "Warn"])),
            },
        };
    }

    public static ListQuery List(HttpContext context, Selectors selectors)
    {
        var query = context.Request.Query;
        _ = int.TryParse(query["limit"], out var limit);
        return new ListQuery(selectors, limit, query["continue"], query["resourceVersion"], query["resourceVersionMatch"]);
    }

    /// <summary>The beginning of the user agent names the manager where the request does not.</summary>
    private static string AgentName(HttpContext context)
    {
        var agent = context.Request.Headers.UserAgent.ToString().Split('/')[0].Trim();
        return agent.Length == 0 ? "unknown" : agent.Length > 128 ? agent[..128] : agent;
    }

    private static ApiException InvalidOption(string field, FieldError error) =>
        ApiErrors.Invalid("meta.k8s.io", "PatchOptions", "PatchOptions.meta.k8s.io", "", [error]);
}
