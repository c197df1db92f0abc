using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;

namespace AttentionOperator.Sandbox.Authorization;

/// <summary>The create-only kinds that answer questions: access reviews, token reviews, and the token subresource.</summary>
internal sealed class ReviewHandler(ApiServices services)
{
    public async Task HandleAsync(HttpContext context, ResourceDefinition resource, RequestUser user)
    {
        if (context.Request.Method != "POST") throw ApiErrors.MethodNotAllowed();
        var options = RequestOptions.Write(context, user);
        var review = ObjectDecoder.Decode(resource, await RequestBody.ReadObjectAsync(context, []).ConfigureAwait(false), options);
        review["status"] = Answer(resource, review, user);
        review.Meta()["creationTimestamp"] = null;
        await ResourceHandler.ReplyAsync(context, 201, review, options).ConfigureAwait(false);
    }

    public async Task TokenAsync(HttpContext context, ResourceDefinition resource, RequestInfo info, RequestUser user)
    {
        if (context.Request.Method != "POST") throw ApiErrors.MethodNotAllowed();
        var request = await RequestBody.ReadObjectAsync(context, []).ConfigureAwait(false);
        var account = services.Reader.Get(resource, info.Namespace, info.Name!);
        var seconds = request.At("spec", "expirationSeconds").AsInteger() ?? 3600;
        if (seconds < 600)
            throw ApiErrors.Invalid("authentication.k8s.io", "TokenRequest", "TokenRequest.authentication.k8s.io", info.Name!, [FieldError.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")]);
        var spec = request.Ensure("spec");
        string[] audiences = Texts(spec.Array("audiences")) is { Length: > 0 } wanted ? wanted : [ServiceAccountTokens.Issuer];
        var (token, expires) = services.Tokens.Issue(info.Namespace!, info.Name!, account.Uid, seconds, audiences, BoundPod(spec, info.Namespace!));
        request["kind"] = "TokenRequest";
        request["apiVersion"] = "authentication.k8s.io/v1";
        spec.Default("expirationSeconds", seconds);
        spec["audiences"] = new JsonArray([.. audiences.Select(a => (JsonNode)JsonValue.Create(a))]);
        request["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = ObjectMeta.Time(expires) };
        await ResourceHandler.ReplyAsync(context, 201, request, RequestOptions.Write(context, user)).ConfigureAwait(false);
    }

    /// <summary>Name and UID of the pod whose end voids the token.</summary>
    private (string Name, string Uid)? BoundPod(JsonObject spec, string ns)
    {
        if (spec.Object("boundObjectRef") is not { } bound) return null;
        var name = bound.Text("name") ?? "";
        if (bound.Text("kind") != "Pod") throw ApiErrors.BadRequest($"cannot bind a token for a {bound.Text("kind")} object: spec.boundObjectRef.kind must be Pod");
        var pods = services.Context.Registry.Find("", "v1", "pods")!;
        var pod = services.Reader.Get(pods, ns, name);
        return bound.Text("uid") is { Length: > 0 } uid && uid != pod.Uid
            ? throw ApiErrors.Conflict(pods, name, $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated")
            : (name, pod.Uid);
    }

    private JsonObject Answer(ResourceDefinition resource, JsonObject review, RequestUser user)
    {
        var spec = review.Object("spec");
        switch (resource.Kind)
        {
            case "TokenReview":
                return Authenticated(spec);
            case "SelfSubjectReview":
                return new JsonObject { ["userInfo"] = Describe(user) };
            case "SelfSubjectRulesReview":
                return new JsonObject
                {
                    ["resourceRules"] = user.IsAdministrator
                        ? new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["apiGroups"] = new JsonArray("*"), ["resources"] = new JsonArray("*") })
                        : new JsonArray([.. services.Authorizer.Rules(user, spec.Text("namespace") ?? "").Select(r => (JsonNode)r.Clone())]),
                    ["nonResourceRules"] = new JsonArray(),
                    ["incomplete"] = false,
                };
            default:
                var subject = resource.Kind == "SelfSubjectAccessReview" ? user : new RequestUser(spec.Text("user") ?? "", [.. spec.Array("groups")?.Select(g => g.AsText() ?? "") ?? []]);
                return new JsonObject { ["allowed"] = services.Authorizer.Allows(subject, Question(spec)) };
        }
    }

    private JsonObject Authenticated(JsonObject? spec)
    {
        var audiences = Texts(spec.Array("audiences"));
        var found = services.Tokens.Verify(spec.Text("token") ?? "", audiences);
        return found is null
            ? new JsonObject { ["user"] = new JsonObject(), ["error"] = "[invalid bearer token]" }
            : new JsonObject { ["authenticated"] = true, ["user"] = Describe(found.User), ["audiences"] = new JsonArray([.. found.Audiences.Select(a => (JsonNode)JsonValue.Create(a))]) };
    }

    private static string[] Texts(JsonArray? array) => [.. array?.Select(v => v.AsText()).OfType<string>() ?? []];

    private static AccessQuestion Question(JsonObject? spec)
    {
        if (spec.Object("nonResourceAttributes") is { } path) return new AccessQuestion(path.Text("verb") ?? "", "", "", "", "", "", path.Text("path") ?? "");
        var wanted = spec.Object("resourceAttributes");
        return new AccessQuestion(wanted.Text("verb") ?? "", wanted.Text("group") ?? "", wanted.Text("resource") ?? "", wanted.Text("subresource") ?? "", wanted.Text("namespace") ?? "", wanted.Text("name") ?? "");
    }

    private static JsonObject Describe(RequestUser user)
    {
        var json = new JsonObject { ["username"] = user.Name, ["groups"] = new JsonArray([.. user.Groups.Select(g => (JsonNode)JsonValue.Create(g))]) };
        if (user.Uid is not null) json["uid"] = user.Uid;
        return json;
    }
}
