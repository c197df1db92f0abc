using System.Text.Json;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Informers;

/// <summary>Decodes one object, or says which one could not be decoded. Broken JSON is not such a case: it means that the connection broke.</summary>
internal static class ObjectReader
{
    public static bool TryDecode<T>(IObjectCodec<T> codec, ref Utf8JsonReader reader, ReadOnlySpan<byte> buffer, out T? value, out ObjectIdentity identity, out Exception? error)
        where T : class
    {
        Utf8JsonReader before = reader;
        int start = (int)reader.TokenStartIndex;
        try
        {
            value = codec.Decode(ref reader, buffer);
            identity = codec.Identify(value);
            error = null;
            return true;
        }
#pragma warning disable CA1031 // Converters throw what they like; only this object is affected.
        catch (Exception e)
#pragma warning restore CA1031
        {
            reader = before;
            reader.Skip();
            value = null;
            identity = IdentityScanner.Scan(buffer[start..(int)reader.BytesConsumed]);
            error = e;
            return false;
        }
    }
}
