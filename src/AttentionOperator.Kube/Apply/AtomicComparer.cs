using System.Text.Json;

namespace AttentionOperator.Kube.Apply;

/// <summary>
/// Items of atomic lists are replaced as a whole, so a field that the live item has and ours has not would be removed: it is a difference,
/// unless the server put it there as a default.
/// </summary>
internal static class AtomicComparer
{
    public static bool Same(string name, JsonElement desired, JsonElement live)
    {
        if (desired.ValueKind == JsonValueKind.Object && live.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in desired.EnumerateObject())
            {
                if (property.Value.ValueKind == JsonValueKind.Null)
                {
                    continue;
                }

                if (!JsonNames.TryGet(live, property, out JsonElement other) || !Child(name, property, other))
                {
                    return false;
                }
            }

            foreach (JsonProperty property in live.EnumerateObject())
            {
                if (!JsonNames.TryGet(desired, property, out _) && !IsDefault(property))
                {
                    return false;
                }
            }

            return true;
        }

        if (desired.ValueKind == JsonValueKind.Array && live.ValueKind == JsonValueKind.Array)
        {
            return desired.GetArrayLength() == live.GetArrayLength() && desired.EnumerateArray().Zip(live.EnumerateArray()).All(pair => Same(name, pair.First, pair.Second));
        }

        return ScalarComparer.Same("", name, desired, live);
    }

    private static bool Child(string parent, JsonProperty desired, JsonElement live) =>
        desired.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array
            ? Same(JsonNames.Of(desired), desired.Value, live)
            : ScalarComparer.Same(parent, JsonNames.Of(desired), desired.Value, live);

    private static bool IsDefault(JsonProperty property) => property.Name switch
    {
        "protocol" => property.Value.ValueKind == JsonValueKind.String && property.Value.ValueEquals("TCP"u8),
        "operator" => property.Value.ValueKind == JsonValueKind.String && property.Value.ValueEquals("Equal"u8),
        "apiVersion" => property.Value.ValueKind == JsonValueKind.String && property.Value.ValueEquals("v1"u8),
        "expirationSeconds" => property.Value.ValueKind == JsonValueKind.Number,
        _ => false,
    };
}
