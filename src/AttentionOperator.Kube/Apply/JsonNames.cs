using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Apply;

/// <summary>Property names without a string per property: a comparison visits hundreds, and all but a few are equal and never named.</summary>
internal static class JsonNames
{
    public static bool TryGet(JsonElement map, JsonProperty like, out JsonElement value)
    {
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8PropertyName(like);
        return raw.Contains((byte)'\\') ? map.TryGetProperty(like.Name, out value) : map.TryGetProperty(raw, out value);
    }

    public static string Of(JsonProperty property)
    {
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8PropertyName(property);
        if (raw.Length > 128 || raw.Contains((byte)'\\'))
        {
            return property.Name;
        }

        Span<char> text = stackalloc char[128];
        return StringPool.Shared.Get(text[..Encoding.UTF8.GetChars(raw, text)]);
    }
}
