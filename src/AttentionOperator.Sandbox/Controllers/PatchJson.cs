using System.Text.Json;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Sandbox.Controllers;

/// <summary>JSON of merge patches: the models' names, and camel case for what is written in place.</summary>
internal static class PatchJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(KubeJson.Options) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
