using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Storage;

/// <summary>
/// One record of the log: length (4 bytes), first 8 bytes of the payload's SHA-256, payload. The payload holds the kind, the table, the
/// version, the selectable fields and the object's JSON. A torn or damaged tail fails the digest and ends the replay.
/// </summary>
internal static class LogRecordCodec
{
    private const int HeaderBytes = 12;

    public static byte[] Encode(string table, WatchRecord record)
    {
        using var buffer = new MemoryStream(record.Object.Utf8.Length + 256);
        buffer.Write(new byte[HeaderBytes]);
        using (var writer = new BinaryWriter(buffer, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write((byte)record.Kind);
            writer.Write(table);
            writer.Write(record.Version);
            writer.Write(record.Object.Fields.Count);
            foreach (var (name, value) in record.Object.Fields)
            {
                writer.Write(name);
                writer.Write(value);
            }

            writer.Write(record.Object.Utf8.Length);
            writer.Write(record.Object.Utf8);
        }

        var bytes = buffer.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length - HeaderBytes);
        SHA256.HashData(bytes.AsSpan(HeaderBytes)).AsSpan(0, 8).CopyTo(bytes.AsSpan(4));
        return bytes;
    }

    /// <summary>The next whole record, or null at the end or at a torn tail.</summary>
    public static (string Table, WatchRecord Record)? Read(Stream stream)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is <= 0 or > 64 * 1024 * 1024) return null;
        var payload = new byte[length];
        if (stream.ReadAtLeast(payload, length, throwOnEndOfStream: false) < length) return null;
        return SHA256.HashData(payload).AsSpan(0, 8).SequenceEqual(header[4..]) ? Decode(payload) : null;
    }

    private static (string Table, WatchRecord Record) Decode(byte[] payload)
    {
        using var reader = new BinaryReader(new MemoryStream(payload), Encoding.UTF8);
        var kind = (ChangeKind)reader.ReadByte();
        var table = reader.ReadString();
        var version = reader.ReadInt64();
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var n = reader.ReadInt32(); n > 0; n--) fields[reader.ReadString()] = reader.ReadString();
        var utf8 = reader.ReadBytes(reader.ReadInt32());
        var obj = JsonReading.ParseObject(utf8);
        return (table, new WatchRecord(kind, new StoredObject
        {
            Namespace = obj.Namespace() ?? "",
            Name = obj.Name() ?? "",
            Uid = obj.Uid() ?? "",
            Version = version,
            Utf8 = utf8,
            Labels = obj.At("metadata", "labels") is System.Text.Json.Nodes.JsonObject labels
                ? labels.ToDictionary(l => l.Key, l => l.Value.AsText() ?? "", StringComparer.Ordinal)
                : [],
            Fields = fields,
        }, null));
    }
}
