using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;

namespace AttentionOperator.Kube.Objects;

/// <summary>JSON as the Kubernetes API writes it. <see cref="WithoutManagedFields"/> skips managedFields while reading, so that they are never allocated.</summary>
public static class KubeJson
{
    public static JsonSerializerOptions Options { get; } = new KubernetesClientConfiguration().JsonSerializerOptions;

    public static JsonSerializerOptions WithoutManagedFields { get; } = CreateWithoutManagedFields();

    public static T Deserialize<T>(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<T>(json, WithoutManagedFields) ?? throw new JsonException($"The document is null, a {typeof(T).Name} was expected.");

    public static byte[] Serialize<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    private static JsonSerializerOptions CreateWithoutManagedFields()
    {
        var options = new JsonSerializerOptions(Options);
        options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(static info =>
        {
            if (info.Type != typeof(V1ObjectMeta))
            {
                return;
            }

            for (int i = info.Properties.Count - 1; i >= 0; i--)
            {
                if (info.Properties[i].Name == "managedFields")
                {
                    info.Properties.RemoveAt(i);
                }
            }
        });
        options.MakeReadOnly();
        return options;
    }
}
