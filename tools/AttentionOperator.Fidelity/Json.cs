using System.Text.Json;

namespace AttentionOperator.Fidelity;

/// <summary>Short access to golden.json.</summary>
internal static class Json
{
    public static int[] Ints(this JsonElement element, string name) => element.GetProperty(name).Ints();

    public static int[] Ints(this JsonElement element) => [.. element.EnumerateArray().Select(e => e.GetInt32())];

    public static float[] Floats(this JsonElement element, string name) => element.GetProperty(name).Floats();

    /// <summary>null stands for −∞.</summary>
    public static float[] Floats(this JsonElement element) =>
        [.. element.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.Null ? float.NegativeInfinity : e.GetSingle())];

    public static JsonElement? Find(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) => element.Find(name)?.EnumerateArray() ?? Enumerable.Empty<JsonElement>();

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
