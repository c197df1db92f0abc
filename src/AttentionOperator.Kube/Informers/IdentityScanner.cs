using System.Text.Json;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Informers;

/// <summary>Finds out which object it was that could not be read, from whatever of its metadata is readable.</summary>
internal static class IdentityScanner
{
    public static ObjectIdentity Scan(ReadOnlySpan<byte> json)
    {
        string name = "", ns = "", uid = "", version = "";
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return new ObjectIdentity(new ObjectKey("", ""), "", "");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isMetadata = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            if (!isMetadata || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string property = reader.GetString()!;
                reader.Read();
                if (reader.TokenType != JsonTokenType.String)
                {
                    reader.Skip();
                    continue;
                }

                switch (property)
                {
                    case "name": name = reader.GetString()!; break;
                    case "namespace": ns = reader.GetString()!; break;
                    case "uid": uid = reader.GetString()!; break;
                    case "resourceVersion": version = reader.GetString()!; break;
                    default: break;
                }
            }
        }

        return new ObjectIdentity(new ObjectKey(ns, name), uid, version);
    }
}
