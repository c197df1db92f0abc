using System.IO.Hashing;

namespace AttentionOperator.Gateway.Requests;

/// <summary>What requests with the same beginning have in common: they find it in the cache of the replica that saw it before.</summary>
internal static class PromptPrefix
{
    private const int BlockBytes = 256;
    private const int MaxBlocks = 4;

    /// <summary>Hash of the leading whole blocks of the input's JSON, at most 1 KiB; 0 where the input is shorter than a block.</summary>
    public static ulong Hash(ReadOnlySpan<byte> body, in RequestFacts facts)
    {
        var input = body[facts.Input];
        var blocks = Math.Min(MaxBlocks, input.Length / BlockBytes);
        return blocks == 0 ? 0 : XxHash64.HashToUInt64(input[..(blocks * BlockBytes)]) | 1;
    }
}
