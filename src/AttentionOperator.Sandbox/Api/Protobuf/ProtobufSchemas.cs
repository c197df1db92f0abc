using AttentionOperator.Sandbox.Builtins;
using AttentionOperator.Sandbox.Schema;
using k8s.Models;

namespace AttentionOperator.Sandbox.Api.Protobuf;

/// <summary>The kinds that may come as protobuf: the built-in resources and the kinds of their subresources.</summary>
internal static class ProtobufSchemas
{
    private static readonly Lazy<Dictionary<(string ApiVersion, string Kind), SchemaNode>> All = new(() =>
    {
        var schemas = BuiltinCatalog.All().ToDictionary(r => (r.ApiVersion, r.Kind), r => r.Schema);
        schemas[("policy/v1", "Eviction")] = ReflectedSchemas.Shared.Of(typeof(V1Eviction));
        schemas[("v1", "Binding")] = ReflectedSchemas.Shared.Of(typeof(V1Binding));
        schemas[("autoscaling/v1", "Scale")] = ReflectedSchemas.Shared.Of(typeof(V1Scale));
        schemas[("authentication.k8s.io/v1", "TokenRequest")] = ReflectedSchemas.Shared.Of(typeof(Authenticationv1TokenRequest));
        return schemas;
    });

    /// <summary>Delete options come in the version of the resource they are for.</summary>
    public static SchemaNode? Find(string apiVersion, string kind) =>
        kind == "DeleteOptions" ? ReflectedSchemas.Shared.Of(typeof(V1DeleteOptions)) : All.Value.GetValueOrDefault((apiVersion, kind));
}
