using System.Buffers;

namespace AttentionOperator.Gateway.Batches;

/// <summary>Ids of files and batches. They come from callers and become parts of paths: nothing but what was made here is taken for one.</summary>
internal static class BatchIds
{
    private const int Digits = 32;
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    public static string New(string prefix) => $"{prefix}{Guid.NewGuid():N}";

    public static bool Is(string id, string prefix) => id.Length == prefix.Length + Digits && id.StartsWith(prefix, StringComparison.Ordinal) && !id.AsSpan(prefix.Length).ContainsAnyExcept(Hex);
}
