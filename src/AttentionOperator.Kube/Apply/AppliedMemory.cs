using System.Collections.Concurrent;
using System.Security.Cryptography;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Apply;

/// <summary>
/// Remembers that a document was found to change nothing on a version of an object, so that the common case costs one hash.
/// It also ends the loop in which a server normalises what we send: after one apply the pair is known.
/// </summary>
internal sealed class AppliedMemory
{
    private readonly ConcurrentDictionary<Target, Entry> entries = new();

    public int Count => entries.Count;

    public static UInt128 Hash(ReadOnlySpan<byte> json)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, digest);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }

    public bool IsSettled(in Target target, UInt128 hash, ObjectIdentity live) =>
        entries.TryGetValue(target, out Entry? entry) && entry.Hash == hash && entry.Version.IsSameVersionAs(live);

    /// <summary>Fields that were left to others when this very document was applied.</summary>
    public IReadOnlyList<string> Yielded(in Target target, UInt128 hash) =>
        entries.TryGetValue(target, out Entry? entry) && entry.Hash == hash ? entry.Yielded : [];

    public void Settle(in Target target, UInt128 hash, ObjectIdentity version, IReadOnlyList<string> yielded) =>
        entries[target] = new Entry(hash, version, yielded);

    public void Forget(in Target target) => entries.TryRemove(target, out _);

    internal readonly record struct Target(ResourceKind Resource, ObjectKey Key, string? Subresource);

    private sealed record Entry(UInt128 Hash, ObjectIdentity Version, IReadOnlyList<string> Yielded);
}
