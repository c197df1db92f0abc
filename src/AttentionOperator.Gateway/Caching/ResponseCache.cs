using System.Security.Cryptography;
using System.Text;
using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Routing;

namespace AttentionOperator.Gateway.Caching;

/// <summary>
/// Answers to exact repetitions of deterministic requests, per tenant unless sharing is allowed. Bounded in bytes (least recently used goes first) and in age; an answer is good only while the
/// revision that gave it has traffic.
/// </summary>
internal sealed class ResponseCache(ResponseCacheOptions options, TimeProvider time)
{
    private const int OverheadBytes = 256;
    private readonly Lock _lock = new();
    private readonly Dictionary<CacheKey, LinkedListNode<(CacheKey Key, CachedAnswer Answer)>> _answers = [];
    private readonly LinkedList<(CacheKey Key, CachedAnswer Answer)> _byUse = new();
    private long _bytes;

    public bool IsOn => options.MaxBytes > 0;

    /// <summary>Bytes in use, what keeps the answers together included.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock) return _bytes;
        }
    }

    public CachedAnswer? Find(CacheKey key, ModelRoute route)
    {
        lock (_lock)
        {
            if (!_answers.TryGetValue(key, out var node)) return null;
            var answer = node.Value.Answer;
            if (answer.GoodUntil <= time.GetUtcNow() || route.Find(answer.Revision) is not { Weight: > 0 })
            {
                Remove(node);
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddLast(node);
            return answer;
        }
    }

    public void Store(CacheKey key, string revision, string contentType, byte[] body)
    {
        // One answer must not push out all others.
        if (body.Length + OverheadBytes > options.MaxBytes / 16) return;
        lock (_lock)
        {
            if (_answers.TryGetValue(key, out var old)) Remove(old);
            _answers[key] = _byUse.AddLast((key, new CachedAnswer(revision, contentType, body, time.GetUtcNow() + options.MaxAge)));
            _bytes += body.Length + OverheadBytes;
            while (_bytes > options.MaxBytes) Remove(_byUse.First!);
        }
    }

    /// <summary>What makes two requests the same: tenant (unless shared), model, endpoint, every byte of the body.</summary>
    public CacheKey KeyOf(Caller caller, ModelRoute route, PathString path, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (ReadOnlySpan<string>)[options.IsShared ? "" : caller.Scope, options.IsShared ? "" : caller.Tenant, route.Key.ToString(), path.Value ?? ""])
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part));
            hash.AppendData([0]);
        }

        hash.AppendData(body);
        Span<byte> digest = stackalloc byte[32];
        hash.GetHashAndReset(digest);
        return new CacheKey(BitConverter.ToUInt128(digest), BitConverter.ToUInt128(digest[16..]));
    }

    private void Remove(LinkedListNode<(CacheKey Key, CachedAnswer Answer)> node)
    {
        _byUse.Remove(node);
        _answers.Remove(node.Value.Key);
        _bytes -= node.Value.Answer.Body.Length + OverheadBytes;
    }
}

/// <summary>sha256 of a request.</summary>
internal readonly record struct CacheKey(UInt128 High, UInt128 Low);

/// <summary>An answer, and who gave it.</summary>
internal sealed record CachedAnswer(string Revision, string ContentType, byte[] Body, DateTimeOffset GoodUntil);

/// <summary>Bounds of the cache; 0 bytes = off.</summary>
internal sealed record ResponseCacheOptions(long MaxBytes, TimeSpan MaxAge)
{
    public static readonly ResponseCacheOptions Off = new(0, TimeSpan.Zero);

    /// <summary>Tenants may get each other's answers: whoever may use a model can then learn from the time that an answer takes what others asked.</summary>
    public bool IsShared { get; init; }
}
