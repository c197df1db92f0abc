using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Discovery;

namespace AttentionOperator.Sandbox.Api;

/// <summary>The errors of the Kubernetes API with its own reasons, codes and wording.</summary>
internal static class ApiErrors
{
    public static ApiException NotFound(ResourceDefinition resource, string name) =>
        new(404, "NotFound", $"{resource.QualifiedPlural} \"{name}\" not found", Details(resource, name));

    public static ApiException PathNotFound() =>
        new(404, "NotFound", "the server could not find the requested resource", new JsonObject());

    /// <summary>No group of that path is served; unlike an unknown resource of a known group, that is no Status.</summary>
    public static ApiException PageNotFound() => new(404, "NotFound", "404 page not found\n") { IsPlain = true };

    public static ApiException AlreadyExists(ResourceDefinition resource, string name) =>
        new(409, "AlreadyExists", $"{resource.QualifiedPlural} \"{name}\" already exists", Details(resource, name));

    public static ApiException Conflict(ResourceDefinition resource, string name, string? message = null) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {resource.QualifiedPlural} \"{name}\": " + (message
            ?? "the object has been modified; please apply your changes to the latest version and try again"), Details(resource, name));

    /// <summary>A delete's precondition does not hold; the server names the kind there, not the resource.</summary>
    public static ApiException PreconditionFailed(ResourceDefinition resource, string name, string message)
    {
        var qualified = resource.Group.Length == 0 ? resource.Kind : $"{resource.Kind}.{resource.Group}";
        var details = Details(resource, name);
        details["kind"] = resource.Kind;
        return new(409, "Conflict", $"Operation cannot be fulfilled on {qualified} \"{name}\": {message}", details);
    }

    /// <summary>A change is meant for another object of the same name.</summary>
    public static ApiException OtherObject(ResourceDefinition resource, string name, string uid, string? ns, string? live) =>
        Conflict(resource, name, $"StorageError: invalid object, Code: 4, Key: /registry/{Registry(resource)}/{(ns is { Length: > 0 } ? ns + "/" : "")}{name}, ResourceVersion: 0, "
            + $"AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {live}");

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException Forbidden(ResourceDefinition resource, string name, string message) =>
        new(403, "Forbidden", $"{resource.QualifiedPlural} \"{name}\" is forbidden: {message}", Details(resource, name));

    public static ApiException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiException Expired(string message) => new(410, "Expired", message);

    public static ApiException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", new JsonObject());

    public static ApiException UnsupportedMediaType(string message) => new(415, "UnsupportedMediaType", message);

    public static ApiException TooManyRequests(string message, int retryAfterSeconds) =>
        new(429, "TooManyRequests", message, new JsonObject { ["retryAfterSeconds"] = retryAfterSeconds }) { RetryAfterSeconds = retryAfterSeconds };

    public static ApiException Internal(string message) =>
        new(500, "InternalError", $"Internal error occurred: {message}", new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = message }) });

    public static ApiException ServiceUnavailable(string message) => new(503, "ServiceUnavailable", message);

    public static ApiException TimeoutLargeVersion(long requested, long current) =>
        new(504, "Timeout", $"Timeout: Too large resource version: {requested}, current: {current}", new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }),
            ["retryAfterSeconds"] = 1,
        })
        { RetryAfterSeconds = 1 };

    public static ApiException Invalid(ResourceDefinition resource, string name, IReadOnlyCollection<FieldError> errors)
    {
        var qualified = resource.Group.Length == 0 ? resource.Kind : $"{resource.Kind}.{resource.Group}";
        return Invalid(resource.Group, resource.Kind, qualified, name, errors);
    }

    public static ApiException Invalid(string group, string kind, string qualifiedKind, string name, IReadOnlyCollection<FieldError> errors)
    {
        var distinct = errors.DistinctBy(e => e.ToString()).ToList();
        var message = distinct.Count == 1 ? distinct[0].ToString() : $"[{string.Join(", ", distinct)}]";
        var details = new JsonObject();
        if (name.Length > 0) details["name"] = name;
        if (group.Length > 0) details["group"] = group;
        details["kind"] = kind;
        details["causes"] = new JsonArray([.. distinct.Select(e => (JsonNode)new JsonObject { ["reason"] = e.Reason, ["message"] = e.Message, ["field"] = e.Field })]);
        return new ApiException(422, "Invalid", $"{qualifiedKind} \"{name}\" is invalid: {message}", details);
    }

    // Where the real server's storage keeps the kind; it shows in messages only.
    private static string Registry(ResourceDefinition resource) => resource.IsCustom ? $"{resource.Group}/{resource.Plural}" : resource.Plural;

    public static JsonObject Details(ResourceDefinition resource, string name)
    {
        var details = new JsonObject();
        if (name.Length > 0) details["name"] = name;
        if (resource.Group.Length > 0) details["group"] = resource.Group;
        details["kind"] = resource.Plural;
        return details;
    }
}
