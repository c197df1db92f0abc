using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AttentionOperator.Tokenization.Json;

/// <summary>sha256 of JSON that does not depend on key order, white space, number spelling or absent against null members.</summary>
internal sealed class CanonicalHash : IDisposable
{
    private const int FlushAt = 1 << 16;

    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ArrayBufferWriter<byte> buffer = new(FlushAt * 2);
    private readonly Utf8JsonWriter writer;

    public CanonicalHash()
    {
        writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        writer.WriteStartArray();
    }

    public void Add(string name, JsonField field)
    {
        writer.WriteStringValue(name);
        if (field.IsNull)
            writer.WriteNullValue();
        else
            Write(field);
    }

    public void Add(string name, params ReadOnlySpan<object> values)
    {
        writer.WriteStringValue(name);
        foreach (var value in values)
            writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
        FlushIfLarge();
    }

    /// <summary><c>sha256:</c> and 64 hexadecimal digits.</summary>
    public string Finish()
    {
        writer.WriteEndArray();
        Flush();
        return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        writer.Dispose();
        hash.Dispose();
    }

    private void Write(JsonField field)
    {
        FlushIfLarge();
        switch (field.Kind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var (name, value) in field.Members().OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    if (value.IsNull)
                        continue;
                    writer.WritePropertyName(name);
                    if (name == "merges" && value.Kind == JsonValueKind.Array)
                        WriteMerges(value);
                    else
                        Write(value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in field.Items())
                    Write(item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(field.AsString());
                break;
            case JsonValueKind.Number:
                writer.WriteNumberValue(field.AsDouble());
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.WriteBooleanValue(field.Kind == JsonValueKind.True);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    // Older files write a merge as "a b", newer ones as ["a", "b"].
    private void WriteMerges(JsonField field)
    {
        writer.WriteStartArray();
        foreach (var item in field.Items())
        {
            if (item.Kind == JsonValueKind.Array)
                writer.WriteStringValue(string.Join(' ', item.Items().Select(i => i.AsString())));
            else
                Write(item);
            FlushIfLarge();
        }
        writer.WriteEndArray();
    }

    private void FlushIfLarge()
    {
        if (writer.BytesPending + buffer.WrittenCount > FlushAt)
            Flush();
    }

    private void Flush()
    {
        writer.Flush();
        hash.AppendData(buffer.WrittenSpan);
        buffer.ResetWrittenCount();
    }
}
