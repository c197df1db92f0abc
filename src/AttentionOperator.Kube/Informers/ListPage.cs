using System.Text.Json;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Informers;

/// <summary>One page of a list.</summary>
internal sealed class ListPage<T>
    where T : class
{
    public List<T> Items { get; } = [];

    public List<(ObjectKey Key, Exception Error)> Malformed { get; } = [];

    public string ResourceVersion { get; private set; } = "";

    public string Continue { get; private set; } = "";

    public static ListPage<T> Read(ReadOnlySpan<byte> json, IObjectCodec<T> codec)
    {
        var page = new ListPage<T>();
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A list object was expected.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                page.ReadMetadata(ref reader);
            }
            else if (reader.ValueTextEquals("items"u8))
            {
                reader.Read();
                page.ReadItems(ref reader, json, codec);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return page;
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool version = reader.ValueTextEquals("resourceVersion"u8);
            bool token = reader.ValueTextEquals("continue"u8);
            reader.Read();
            if (version)
            {
                ResourceVersion = reader.GetString() ?? "";
            }
            else if (token)
            {
                Continue = reader.GetString() ?? "";
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadItems(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, IObjectCodec<T> codec)
    {
        // A server may write null for an empty list.
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (ObjectReader.TryDecode(codec, ref reader, json, out T? item, out ObjectIdentity identity, out Exception? error))
            {
                Items.Add(item!);
            }
            else
            {
                Malformed.Add((identity.Key, error!));
            }
        }
    }
}
