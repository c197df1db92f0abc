namespace AttentionOperator.Sandbox.Controllers;

internal static class DictionaryAccess
{
    /// <summary>The value, or null where there is none or no dictionary.</summary>
    public static string? GetValueOrDefaultSafe(this IDictionary<string, string>? values, string key) =>
        values is not null && values.TryGetValue(key, out var value) ? value : null;
}
