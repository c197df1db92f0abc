using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Discovery;

/// <summary>Writes one OpenAPI document: paths with the verbs of each resource, and the schemas that they reach.</summary>
internal static class OpenApiWriter
{
    public static JsonObject Document(IReadOnlyList<ResourceDefinition> resources, OpenApiForm form)
    {
        var schemas = new OpenApiSchemas(form);
        var paths = new JsonObject();
        foreach (var resource in resources.OrderBy(r => r.Group, StringComparer.Ordinal).ThenBy(r => r.Plural, StringComparer.Ordinal))
            AddPaths(paths, resource, schemas, form);
        var info = new JsonObject { ["title"] = "Kubernetes", ["version"] = $"v1.{ServerVersion.Minor}.0" };
        return form == OpenApiForm.V3
            ? new JsonObject { ["openapi"] = "3.0.0", ["info"] = info, ["paths"] = paths, ["components"] = new JsonObject { ["schemas"] = schemas.Definitions } }
            : new JsonObject { ["swagger"] = "2.0", ["info"] = info, ["paths"] = paths, ["definitions"] = schemas.Definitions };
    }

    private static void AddPaths(JsonObject paths, ResourceDefinition resource, OpenApiSchemas schemas, OpenApiForm form)
    {
        var root = resource.Group.Length == 0 ? $"/api/{resource.Version}" : $"/apis/{resource.Group}/{resource.Version}";
        var collection = resource.Namespaced ? $"{root}/namespaces/{{namespace}}/{resource.Plural}" : $"{root}/{resource.Plural}";
        var reference = schemas.Root(resource);
        var many = new JsonObject();
        if (resource.Verbs.Contains("list")) many["get"] = Operation(resource, "list", reference, form);
        if (resource.Verbs.Contains("create")) many["post"] = Operation(resource, "post", reference, form);
        if (resource.Verbs.Contains("deletecollection")) many["delete"] = Operation(resource, "deletecollection", reference, form);
        paths[collection] = many;
        if (!resource.Verbs.Contains("get")) return;
        paths[$"{collection}/{{name}}"] = Single(resource, reference, form);
        if (resource.HasStatus) paths[$"{collection}/{{name}}/status"] = Single(resource, reference, form, deletes: false);
    }

    private static JsonObject Single(ResourceDefinition resource, string reference, OpenApiForm form, bool deletes = true)
    {
        var one = new JsonObject
        {
            ["get"] = Operation(resource, "get", reference, form),
            ["put"] = Operation(resource, "put", reference, form),
            ["patch"] = Operation(resource, "patch", reference, form),
        };
        if (deletes) one["delete"] = Operation(resource, "delete", reference, form);
        return one;
    }

    private static JsonObject Operation(ResourceDefinition resource, string action, string reference, OpenApiForm form)
    {
        var parameters = new JsonArray();
        if (action is "post" or "put" or "patch")
        {
            foreach (var name in (string[])["dryRun", "fieldManager", "fieldValidation"]) parameters.Add(Parameter(name, "string", form));
            if (action == "patch") parameters.Add(Parameter("force", "boolean", form));
        }

        var schema = new JsonObject { ["$ref"] = reference };
        var ok = form == OpenApiForm.V3
            ? new JsonObject { ["description"] = "OK", ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema } } }
            : new JsonObject { ["description"] = "OK", ["schema"] = schema };
        return new JsonObject
        {
            ["description"] = $"{action} {resource.Kind}",
            ["operationId"] = $"{action}{resource.Group}{resource.Version}{resource.Kind}",
            ["parameters"] = parameters,
            ["responses"] = new JsonObject { ["200"] = ok },
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = OpenApiSchemas.GroupVersionKind(resource),
        };
    }

    private static JsonObject Parameter(string name, string type, OpenApiForm form) => form == OpenApiForm.V3
        ? new JsonObject { ["name"] = name, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = type, ["uniqueItems"] = true } }
        : new JsonObject { ["name"] = name, ["in"] = "query", ["type"] = type, ["uniqueItems"] = true };
}
