using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;

namespace AttentionOperator.Sandbox.Aggregation;

/// <summary>Tells extension servers how to know the aggregator: the ConfigMap <c>kube-system/extension-apiserver-authentication</c>, renewed at every start with the authority.</summary>
internal static class ExtensionAuthentication
{
    private const string Name = "extension-apiserver-authentication";
    private static readonly WriteOptions Options = WriteOptions.Default with { FieldManager = "kube-apiserver" };

    public static async Task PublishAsync(ApiServices services)
    {
        var data = new JsonObject
        {
            ["requestheader-allowed-names"] = $"[\"{FrontProxy.ClientName}\"]",
            ["requestheader-client-ca-file"] = services.FrontProxy.CaPem,
            ["requestheader-extra-headers-prefix"] = "[\"X-Remote-Extra-\"]",
            ["requestheader-group-headers"] = "[\"X-Remote-Group\"]",
            ["requestheader-uid-headers"] = "[\"X-Remote-Uid\"]",
            ["requestheader-username-headers"] = "[\"X-Remote-User\"]",
        };
        if (services.Resources.Find("v1/configmaps", "kube-system", Name) is null)
        {
            await services.Resources.CreateAsync("v1/configmaps", "kube-system", new JsonObject { ["metadata"] = new JsonObject { ["name"] = Name }, ["data"] = data }, Options).ConfigureAwait(false);
            return;
        }

        await services.Resources.ModifyAsync("v1/configmaps", "kube-system", Name, map =>
        {
            map["data"] = data;
            return map;
        }, options: Options).ConfigureAwait(false);
    }
}
