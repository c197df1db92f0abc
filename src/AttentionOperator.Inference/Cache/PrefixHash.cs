using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AttentionOperator.Inference.Cache;

/// <summary>
/// Chained hash of full blocks: a block's hash covers all tokens before it, so that equal hashes mean equal contexts. SHA-256 cut
/// to 128 bits, because a collision that a tenant can construct would show it the answer to somebody else's prompt.
/// </summary>
internal static class PrefixHash
{
    /// <summary>Where a chain starts: the namespace and, for an encoder-decoder, the encoder's input, on which all cached values depend.</summary>
    public static UInt128 Root(string? cacheNamespace, ReadOnlySpan<int> encoderInput)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // A length in front keeps (namespace, input) pairs from running into each other.
        Span<int> length = [cacheNamespace?.Length ?? -1];
        hash.AppendData(MemoryMarshal.AsBytes(length));
        hash.AppendData(MemoryMarshal.AsBytes(cacheNamespace.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(encoderInput));
        Span<byte> digest = stackalloc byte[32];
        hash.GetHashAndReset(digest);
        return MemoryMarshal.Read<UInt128>(digest);
    }

    public static UInt128 Next(UInt128 parent, ReadOnlySpan<int> tokens)
    {
        Span<byte> input = stackalloc byte[16 + (tokens.Length * sizeof(int))];
        MemoryMarshal.Write(input, parent);
        MemoryMarshal.AsBytes(tokens).CopyTo(input[16..]);
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(input, digest);
        return MemoryMarshal.Read<UInt128>(digest);
    }
}
