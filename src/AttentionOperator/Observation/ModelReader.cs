using System.Text.Json;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Observation;

/// <summary>Reads AttentionModels, also those whose spec this build cannot read: what serves must go on.</summary>
internal static class ModelReader
{
    /// <returns>The model, and what keeps its spec from being read (then the spec is the default one).</returns>
    public static (AttentionModel Model, string? SpecError) Read(KubeObject value)
    {
        try
        {
            return (value.As<AttentionModel>(), null);
        }
        catch (JsonException e)
        {
            using var document = value.Parse();
            var root = document.RootElement;
            return (
                new AttentionModel
                {
                    Metadata = root.GetProperty("metadata").Deserialize<V1ObjectMeta>(KubeJson.WithoutManagedFields)!,
                    Status = Part<AttentionModelStatus>(root, "status"),
                },
                $"cannot be read: {e.Message}");
        }
    }

    private static T? Part<T>(JsonElement root, string name)
        where T : class
    {
        try
        {
            return root.TryGetProperty(name, out var part) ? part.Deserialize<T>(KubeJson.Options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
