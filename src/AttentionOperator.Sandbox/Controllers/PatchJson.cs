using System.Text.Json;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Sandbox.Controllers;

/// <summary>JSON of merge patches: the models' names, and camel case for what is written in place.</summary>
internal static class PatchJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Whether two values are written alike; fields that are not set do not count.</summary>
    public static bool Same<T>(T? left, T? right)
        where T : class =>
        left is null || right is null
            ? ReferenceEquals(left, right)
            : JsonSerializer.Serialize(left, KubeJson.Options) == JsonSerializer.Serialize(right, KubeJson.Options);

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(KubeJson.Options) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
