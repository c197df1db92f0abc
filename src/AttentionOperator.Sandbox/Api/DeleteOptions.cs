using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Options of a delete request.</summary>
public sealed record DeleteOptions
{
    public long? GracePeriodSeconds { get; init; }

    /// <summary>Background, Foreground, Orphan, or null for the resource's default.</summary>
    public string? PropagationPolicy { get; init; }

    public string? PreconditionUid { get; init; }

    public string? PreconditionResourceVersion { get; init; }

    internal static DeleteOptions From(JsonObject? body, IQueryCollection query)
    {
        var grace = body.Integer("gracePeriodSeconds")
            ?? (long.TryParse(query["gracePeriodSeconds"], out var seconds) ? seconds : null);
        var policy = body.Text("propagationPolicy") ?? Empty(query["propagationPolicy"]);
        var orphan = body.Flag("orphanDependents") ?? (bool.TryParse(query["orphanDependents"], out var flag) ? flag : null);
        if (policy is not (null or "Background" or "Foreground" or "Orphan"))
        {
            throw ApiErrors.Invalid("meta.k8s.io", "DeleteOptions", "DeleteOptions.meta.k8s.io", "",
                [FieldError.NotSupported("propagationPolicy", policy, ["Foreground", "Background", "Orphan", "nil"])]);
        }

        return new DeleteOptions
        {
            GracePeriodSeconds = grace,
            PropagationPolicy = policy ?? orphan switch { true => "Orphan", false => "Background", null => null },
            PreconditionUid = body.Object("preconditions").Text("uid"),
            PreconditionResourceVersion = body.Object("preconditions").Text("resourceVersion"),
        };
    }

    private static string? Empty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
