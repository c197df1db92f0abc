using System.Net;
using System.Text.Json;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Informers;

/// <summary>One line of a watch.</summary>
internal readonly struct WatchEvent<T>
    where T : class
{
    private WatchEvent(WatchEventType type, T? value, ObjectIdentity identity, Exception? error, bool endsInitialEvents)
    {
        Type = type;
        Object = value;
        Identity = identity;
        Error = error;
        EndsInitialEvents = endsInitialEvents;
    }

    public WatchEventType Type { get; }

    /// <summary>Null for bookmarks and where the object could not be read; then <see cref="Error"/> says why.</summary>
    public T? Object { get; }

    public ObjectIdentity Identity { get; }

    public Exception? Error { get; }

    /// <summary>The bookmark that closes the initial events of a streaming list.</summary>
    public bool EndsInitialEvents { get; }

    /// <exception cref="KubeApiException">The line is an ERROR event.</exception>
    /// <exception cref="JsonException">The line is not JSON: the stream broke off.</exception>
    public static WatchEvent<T> Read(ReadOnlySpan<byte> line, IObjectCodec<T> codec)
    {
        WatchEventType? type = null;
        int skippedObject = -1;
        WatchEvent<T>? read = null;
        var reader = new Utf8JsonReader(line);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A watch event was expected.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                type = Parse(ref reader);
            }
            else if (reader.ValueTextEquals("object"u8))
            {
                reader.Read();
                if (type is null)
                {
                    skippedObject = (int)reader.TokenStartIndex;
                    reader.Skip();
                }
                else
                {
                    read = ReadObject(type.Value, ref reader, line, codec);
                }
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (read is null && skippedObject >= 0 && type is not null)
        {
            ReadOnlySpan<byte> rest = line[skippedObject..];
            var again = new Utf8JsonReader(rest, isFinalBlock: true, state: default);
            again.Read();
            read = ReadObject(type.Value, ref again, rest, codec);
        }

        return read ?? throw new JsonException("The watch event lacks type or object.");
    }

    private static WatchEvent<T> ReadObject(WatchEventType type, ref Utf8JsonReader reader, ReadOnlySpan<byte> buffer, IObjectCodec<T> codec)
    {
        if (type is WatchEventType.Bookmark or WatchEventType.Error)
        {
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            ReadOnlySpan<byte> json = buffer[start..(int)reader.BytesConsumed];
            if (type == WatchEventType.Error)
            {
                throw KubeApiException.From(HttpStatusCode.InternalServerError, json, "watch");
            }

            bool ends = json.IndexOf("k8s.io/initial-events-end"u8) >= 0;
            return new WatchEvent<T>(type, null, IdentityScanner.Scan(json), null, ends);
        }

        return ObjectReader.TryDecode(codec, ref reader, buffer, out T? value, out ObjectIdentity identity, out Exception? error)
            ? new WatchEvent<T>(type, value, identity, null, false)
            : new WatchEvent<T>(type, null, identity, error, false);
    }

    private static WatchEventType Parse(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("ADDED"u8) ? WatchEventType.Added
        : reader.ValueTextEquals("MODIFIED"u8) ? WatchEventType.Modified
        : reader.ValueTextEquals("DELETED"u8) ? WatchEventType.Deleted
        : reader.ValueTextEquals("BOOKMARK"u8) ? WatchEventType.Bookmark
        : reader.ValueTextEquals("ERROR"u8) ? WatchEventType.Error
        : throw new JsonException($"Unknown watch event type '{reader.GetString()}'.");
}
