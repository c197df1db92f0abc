using System.Text.Json;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Informers;

/// <summary>Objects of any kind as <see cref="KubeObject"/>: one pass that copies the bytes, leaves managedFields out and notes what indexes need.</summary>
/// <param name="resource">Kind of the objects.</param>
/// <param name="fieldManager">Keep what this manager owns by apply, for no-op detection; null keeps nothing.</param>
public sealed class KubeObjectCodec(ResourceKind resource, string? fieldManager = null) : IObjectCodec<KubeObject>
{
    public KubeObject Decode(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return Decode(ref reader, json);
    }

    public KubeObject Decode(ref Utf8JsonReader reader, ReadOnlySpan<byte> buffer)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"An object was expected, not {reader.TokenType}.");
        }

        int start = (int)reader.TokenStartIndex;
        var metadata = new MetadataReader(fieldManager);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isMetadata = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            if (isMetadata)
            {
                metadata.Read(ref reader, buffer);
            }
            else
            {
                reader.Skip();
            }
        }

        int end = (int)reader.BytesConsumed;
        if (string.IsNullOrEmpty(metadata.Name))
        {
            throw new JsonException("The object has no metadata.name.");
        }

        return new KubeObject
        {
            Resource = resource,
            Identity = new ObjectIdentity(new ObjectKey(metadata.Namespace, metadata.Name), metadata.Uid, metadata.ResourceVersion),
            Generation = metadata.Generation,
            IsDeleting = metadata.IsDeleting,
            Labels = metadata.Labels,
            Owners = metadata.Owners,
            FieldManager = fieldManager,
            OwnedFields = metadata.OwnedFields,
            OwnedStatusFields = metadata.OwnedStatusFields,
            Json = Without(buffer, start, end, metadata.CutStart, metadata.CutEnd),
        };
    }

    public ObjectIdentity Identify(KubeObject value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Identity;
    }

    public string? Label(KubeObject value, string name)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Label(name);
    }

    public IEnumerable<ObjectOwner> Owners(KubeObject value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Owners;
    }

    private static byte[] Without(ReadOnlySpan<byte> buffer, int start, int end, int cutStart, int cutEnd)
    {
        if (cutEnd <= cutStart)
        {
            return buffer[start..end].ToArray();
        }

        byte[] json = GC.AllocateUninitializedArray<byte>(end - start - (cutEnd - cutStart));
        buffer[start..cutStart].CopyTo(json);
        buffer[cutEnd..end].CopyTo(json.AsSpan(cutStart - start));
        return json;
    }
}
