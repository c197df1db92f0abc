using System.Globalization;
using System.Text.Json;
using k8s.Models;

namespace AttentionOperator.Kube.Apply;

/// <summary>Equality of single values, allowing for the forms in which the server rewrites them: canonical quantities, numbers, timestamps.</summary>
internal static class ScalarComparer
{
    public static bool Same(string parent, string name, JsonElement desired, JsonElement live)
    {
        if (desired.ValueKind == JsonValueKind.Number && live.ValueKind == JsonValueKind.Number)
        {
            return desired.TryGetDecimal(out decimal d) && live.TryGetDecimal(out decimal l) ? d == l : desired.GetDouble().Equals(live.GetDouble());
        }

        if (JsonElement.DeepEquals(desired, live))
        {
            return true;
        }

        if (IsQuantity(parent, name) && Text(desired) is { } q && Text(live) is { } r)
        {
            return SameQuantity(q, r);
        }

        return IsTime(name)
            && desired.ValueKind == JsonValueKind.String && live.ValueKind == JsonValueKind.String
            && DateTimeOffset.TryParse(desired.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at)
            && DateTimeOffset.TryParse(live.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset then)
            && at == then;
    }

    private static bool IsQuantity(string parent, string name) =>
        parent is "limits" or "requests" or "capacity" or "hard" or "used" or "allocatable" or "overhead" or "default" or "defaultRequest"
        || name is "sizeLimit" or "averageValue" or "divisor" or "storage"
        || (name == "value" && parent is "target" or "current");

    private static bool IsTime(string name) =>
        name.EndsWith("Time", StringComparison.Ordinal) || name.EndsWith("Timestamp", StringComparison.Ordinal) || name.EndsWith("At", StringComparison.Ordinal);

    private static string? Text(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.GetRawText(),
        _ => null,
    };

    private static bool SameQuantity(string left, string right)
    {
        try
        {
            return new ResourceQuantity(left).Equals(new ResourceQuantity(right));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            return false;
        }
    }
}
