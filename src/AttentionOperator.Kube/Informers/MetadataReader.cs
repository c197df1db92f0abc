using System.Text.Json;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Informers;

/// <summary>Reads metadata in place and finds the stretch of bytes that managedFields takes, its comma included.</summary>
internal struct MetadataReader(string? fieldManager)
{
    public string Name { get; private set; } = "";

    public string Namespace { get; private set; } = "";

    public string Uid { get; private set; } = "";

    public string ResourceVersion { get; private set; } = "";

    public long Generation { get; private set; }

    public bool IsDeleting { get; private set; }

    public KeyValuePair<string, string>[] Labels { get; private set; } = [];

    public ObjectOwner[] Owners { get; private set; } = [];

    public ReadOnlyMemory<byte> OwnedFields { get; private set; }

    public ReadOnlyMemory<byte> OwnedStatusFields { get; private set; }

    public int CutStart { get; private set; }

    public int CutEnd { get; private set; }

    public void Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> buffer)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"metadata must be an object, not {reader.TokenType}.");
        }

        bool first = true;
        bool cutFollowingComma = false;
        int previousEnd = (int)reader.BytesConsumed;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (cutFollowingComma)
            {
                CutEnd = (int)reader.TokenStartIndex;
                cutFollowingComma = false;
            }

            if (reader.ValueTextEquals("managedFields"u8))
            {
                reader.Read();
                ReadManagedFields(ref reader, buffer);
                CutStart = previousEnd;
                CutEnd = (int)reader.BytesConsumed;
                cutFollowingComma = first;
            }
            else
            {
                ReadProperty(ref reader);
            }

            first = false;
            previousEnd = (int)reader.BytesConsumed;
        }
    }

    private void ReadProperty(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("name"u8))
        {
            Name = Text(ref reader, "name");
        }
        else if (reader.ValueTextEquals("namespace"u8))
        {
            Namespace = StringPool.Shared.Get(Text(ref reader, "namespace"));
        }
        else if (reader.ValueTextEquals("uid"u8))
        {
            Uid = Text(ref reader, "uid");
        }
        else if (reader.ValueTextEquals("resourceVersion"u8))
        {
            ResourceVersion = Text(ref reader, "resourceVersion");
        }
        else if (reader.ValueTextEquals("generation"u8))
        {
            reader.Read();
            Generation = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long number) ? number : throw new JsonException("metadata.generation must be a whole number.");
        }
        else if (reader.ValueTextEquals("deletionTimestamp"u8))
        {
            reader.Read();
            IsDeleting = reader.TokenType == JsonTokenType.String;
        }
        else if (reader.ValueTextEquals("labels"u8))
        {
            reader.Read();
            Labels = ReadLabels(ref reader);
        }
        else if (reader.ValueTextEquals("ownerReferences"u8))
        {
            reader.Read();
            Owners = ReadOwners(ref reader);
        }
        else
        {
            reader.Read();
            reader.Skip();
        }
    }

    private static string Text(ref Utf8JsonReader reader, string name)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? reader.GetString()!
            : reader.TokenType == JsonTokenType.Null ? ""
            : throw new JsonException($"metadata.{name} must be a string, not {reader.TokenType}.");
    }

    private static string Pooled(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
        {
            throw new JsonException($"A string was expected in metadata, not {reader.TokenType}.");
        }

        Span<char> text = stackalloc char[256];
        return reader.HasValueSequence || reader.ValueSpan.Length > text.Length
            ? reader.GetString()!
            : StringPool.Shared.Get(text[..reader.CopyString(text)]);
    }

    private static KeyValuePair<string, string>[] ReadLabels(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return [];
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("metadata.labels must be an object.");
        }

        List<KeyValuePair<string, string>> labels = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = Pooled(ref reader);
            reader.Read();
            labels.Add(new KeyValuePair<string, string>(key, Pooled(ref reader)));
        }

        return [.. labels];
    }

    private static ObjectOwner[] ReadOwners(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return [];
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("metadata.ownerReferences must be a list.");
        }

        List<ObjectOwner> owners = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            string kind = "", name = "", uid = "";
            bool controller = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("kind"u8))
                {
                    reader.Read();
                    kind = Pooled(ref reader);
                }
                else if (reader.ValueTextEquals("name"u8))
                {
                    reader.Read();
                    name = Pooled(ref reader);
                }
                else if (reader.ValueTextEquals("uid"u8))
                {
                    // Pooled: the owner's children all carry the same one.
                    reader.Read();
                    uid = Pooled(ref reader);
                }
                else if (reader.ValueTextEquals("controller"u8))
                {
                    reader.Read();
                    controller = reader.TokenType == JsonTokenType.True;
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            owners.Add(new ObjectOwner(kind, name, uid, controller));
        }

        return [.. owners];
    }

    private void ReadManagedFields(ref Utf8JsonReader reader, ReadOnlySpan<byte> buffer)
    {
        if (fieldManager is null || reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            bool ours = false, applied = false, status = false;
            ReadOnlySpan<byte> fields = default;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("manager"u8))
                {
                    reader.Read();
                    ours = reader.ValueTextEquals(fieldManager);
                }
                else if (reader.ValueTextEquals("operation"u8))
                {
                    reader.Read();
                    applied = reader.ValueTextEquals("Apply"u8);
                }
                else if (reader.ValueTextEquals("subresource"u8))
                {
                    reader.Read();
                    status = reader.ValueTextEquals("status"u8);
                }
                else
                {
                    bool isFields = reader.ValueTextEquals("fieldsV1"u8);
                    reader.Read();
                    int from = (int)reader.TokenStartIndex;
                    reader.Skip();
                    fields = isFields ? buffer[from..(int)reader.BytesConsumed] : fields;
                }
            }

            if (ours && applied && status)
            {
                OwnedStatusFields = BytesPool.Shared.Get(fields);
            }
            else if (ours && applied)
            {
                OwnedFields = BytesPool.Shared.Get(fields);
            }
        }
    }
}
