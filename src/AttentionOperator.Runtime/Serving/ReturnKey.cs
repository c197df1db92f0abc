using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace AttentionOperator.Runtime.Serving;

/// <summary>
/// By what a refused request is known when it comes again as it was told: the same input, to the same endpoint, in the same class and cache namespace. It needs
/// nothing of the client but to repeat itself.
/// </summary>
internal static class ReturnKey
{
    public static UInt128 Of(string endpoint, Caller caller, IReadOnlyList<ReadOnlyMemory<int>> sequences)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{endpoint}\n{caller.CacheNamespace}\n{(int)caller.Priority}\n"));
        foreach (var ids in sequences)
        {
            // The length keeps sequences from running into each other.
            var length = ids.Length;
            hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in length)));
            hash.AppendData(MemoryMarshal.AsBytes(ids.Span));
        }

        Span<byte> digest = stackalloc byte[32];
        hash.GetHashAndReset(digest);
        var key = MemoryMarshal.Read<UInt128>(digest);
        return key == 0 ? 1 : key;
    }
}
