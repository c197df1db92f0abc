using System.Buffers;
using System.Text.Json;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Observation;

/// <summary>
/// Leaves of a cached pod what its diagnosis reads: metadata, status, its node, and its containers' names and resources. The rest of the spec is the Deployment's own,
/// once more for every pod.
/// </summary>
internal static class PodTrim
{
    public static KubeObject Apply(KubeObject pod)
    {
        using var document = pod.Parse();
        var buffer = new ArrayBufferWriter<byte>(pod.Json.Length);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartObject();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.NameEquals("spec"u8) && property.Value.ValueKind == JsonValueKind.Object)
                {
                    writer.WritePropertyName("spec"u8);
                    WriteSpec(writer, property.Value);
                }
                else
                {
                    property.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        return pod.Trimmed(buffer.WrittenSpan.ToArray());
    }

    private static void WriteSpec(Utf8JsonWriter writer, JsonElement spec)
    {
        writer.WriteStartObject();
        foreach (var property in spec.EnumerateObject())
        {
            if (property.NameEquals("nodeName"u8))
            {
                property.WriteTo(writer);
            }
            else if (property.NameEquals("containers"u8) && property.Value.ValueKind == JsonValueKind.Array)
            {
                writer.WriteStartArray("containers"u8);
                foreach (var container in property.Value.EnumerateArray())
                {
                    WriteContainer(writer, container);
                }

                writer.WriteEndArray();
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteContainer(Utf8JsonWriter writer, JsonElement container)
    {
        writer.WriteStartObject();
        foreach (var property in container.EnumerateObject())
        {
            if (property.NameEquals("name"u8) || property.NameEquals("resources"u8))
            {
                property.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}
