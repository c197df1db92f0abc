using System.Text.Json;

namespace AttentionOperator.Kube.Apply;

/// <summary>Identity of items in keyed lists.</summary>
internal static class ListKeys
{
    public static bool Match(JsonElement left, JsonElement right, IReadOnlyList<string> keys)
    {
        if (left.ValueKind != JsonValueKind.Object || right.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (string key in keys)
        {
            bool inLeft = left.TryGetProperty(key, out JsonElement l);
            bool inRight = right.TryGetProperty(key, out JsonElement r);
            bool same = (inLeft, inRight) switch
            {
                (true, true) => JsonElement.DeepEquals(l, r),
                (true, false) => IsDefault(key, l),
                (false, true) => IsDefault(key, r),
                _ => true,
            };
            if (!same)
            {
                return false;
            }
        }

        return true;
    }

    // The one list key of the built-in kinds that has a default.
    public static bool IsDefault(string key, JsonElement value) => key == "protocol" && value.ValueKind == JsonValueKind.String && value.ValueEquals("TCP"u8);
}
