using System.Text.Json;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Admission;

/// <summary>One entry of a Secret with API keys: the entry's name is the key's id, its value this JSON. The key itself is nowhere, only its hash.</summary>
/// <param name="Id">Name of the entry; what logs and metrics say.</param>
/// <param name="Hash">sha256 of the key, 32 bytes.</param>
/// <param name="Tenant">Whose limits and share it uses; default: its own id.</param>
/// <param name="Models">Names (or namespace/name) that it may use; null = every model that names the Secret.</param>
/// <param name="Class">The highest class that it may use.</param>
/// <param name="Limits">The tenant's bounds.</param>
internal sealed record ApiKey(string Id, byte[] Hash, string Tenant, IReadOnlyList<string>? Models, RequestClass Class, TenantLimits Limits)
{
    private const int HashBytes = 32;
    private static readonly HashSet<string> Fields = new(StringComparer.Ordinal)
    {
        "sha256", "tenant", "models", "class", "requestsPerMinute", "tokensPerMinute", "concurrentRequests", "tokensPerDay", "tokensPerMonth", "costPerDay", "costPerMonth",
    };

    public bool MayUse(ObjectKey model) => Models is null || Models.Any(m => m == "*" || m == model.Name || m == model.ToString());

    /// <exception cref="FormatException">Names the field and what was expected.</exception>
    public static ApiKey Parse(string id, ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new FormatException("a JSON object is expected");
            foreach (var property in root.EnumerateObject())
            {
                // A misspelt limit must not become no limit.
                if (!Fields.Contains(property.Name)) throw new FormatException($"'{property.Name}' is no field of a key");
            }

            return new ApiKey(
                id,
                HashOf(Text(root, "sha256") ?? throw new FormatException("'sha256' is missing")),
                Text(root, "tenant") ?? id,
                ModelsOf(root),
                ClassOf(Text(root, "class")),
                new TenantLimits(Bound(root, "requestsPerMinute"), Bound(root, "tokensPerMinute"), (int?)Bound(root, "concurrentRequests"))
                {
                    TokensPerDay = Bound(root, "tokensPerDay", long.MaxValue),
                    TokensPerMonth = Bound(root, "tokensPerMonth", long.MaxValue),
                    CostPerDay = Price(root, "costPerDay"),
                    CostPerMonth = Price(root, "costPerMonth"),
                });
        }
        catch (JsonException)
        {
            throw new FormatException("the value is no JSON");
        }
    }

    private static byte[] HashOf(string hex)
    {
        var text = hex.StartsWith("sha256:", StringComparison.Ordinal) ? hex["sha256:".Length..] : hex;
        if (text.Length != 2 * HashBytes || !text.All(char.IsAsciiHexDigit)) throw new FormatException("'sha256' must be the key's sha256 as 64 hexadecimal digits");
        return Convert.FromHexString(text);
    }

    private static string? Text(JsonElement root, string name) => !root.TryGetProperty(name, out var value)
        ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw new FormatException($"'{name}' must be a string");

    private static List<string>? ModelsOf(JsonElement root)
    {
        if (!root.TryGetProperty("models", out var models)) return null;
        if (models.ValueKind != JsonValueKind.Array || models.EnumerateArray().Any(m => m.ValueKind != JsonValueKind.String)) throw new FormatException("'models' must be an array of strings");
        return [.. models.EnumerateArray().Select(m => m.GetString()!)];
    }

    private static RequestClass ClassOf(string? text) => text switch
    {
        null => RequestClass.Standard,
        "interactive" => RequestClass.Interactive,
        "standard" => RequestClass.Standard,
        "batch" => RequestClass.Batch,
        _ => throw new FormatException("'class' must be interactive, standard or batch"),
    };

    private static long? Bound(JsonElement root, string name, long most = int.MaxValue)
    {
        if (!root.TryGetProperty(name, out var value)) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var bound) && bound > 0 && bound <= most ? bound : throw new FormatException($"'{name}' must be a whole number from 1 to {most}");
    }

    private static decimal? Price(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var value)) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var price) && price > 0 ? price : throw new FormatException($"'{name}' must be a number above 0");
    }
}
