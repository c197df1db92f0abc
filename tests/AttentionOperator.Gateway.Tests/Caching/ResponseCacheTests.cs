using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Caching;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Gateway.Routing;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Gateway.Tests.Caching;

public sealed class ResponseCacheTests
{
    private const int MaxBytes = 64 * 1024;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly ResponseCache _cache;

    public ResponseCacheTests() => _cache = new ResponseCache(new ResponseCacheOptions(MaxBytes, TimeSpan.FromMinutes(5)), _time);

    [Fact]
    public void AnAnswer_IsGood_ForItsAge_AndItsRevision()
    {
        _cache.Store(Key(1), "a", "application/json", [1, 2]);
        Assert.Equal([1, 2], _cache.Find(Key(1), Route(("a", 100)))!.Body);
        Assert.Null(_cache.Find(Key(1), Route(("a", 0), ("b", 100))));
        Assert.Equal(0, _cache.Bytes);
        _cache.Store(Key(1), "a", "application/json", [1, 2]);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(_cache.Find(Key(1), Route(("a", 100))));
        Assert.Equal(0, _cache.Bytes);
    }

    [Fact]
    public void TheBound_Holds_AndTheLeastRecentlyUsedGoesFirst() =>
        Gen.Select(Gen.Byte, Gen.Int[0, 5000]).List[1, 200].Sample(stores =>
        {
            var cache = new ResponseCache(new ResponseCacheOptions(MaxBytes, TimeSpan.FromMinutes(5)), _time);
            cache.Store(Key(1000), "a", "t", [7]);
            foreach (var (key, size) in stores)
            {
                cache.Store(Key(key), "a", "t", new byte[size]);
                Assert.InRange(cache.Bytes, 0, MaxBytes);
                Assert.NotNull(cache.Find(Key(1000), Route(("a", 100))));
            }
        });

    [Theory]
    [InlineData(false, 24)]
    [InlineData(true, 6)]
    public void Tenants_UnlessTheyShare_Models_Paths_AndBodies_AreApart(bool shared, int different)
    {
        var cache = new ResponseCache(new ResponseCacheOptions(MaxBytes, TimeSpan.FromMinutes(5)) { IsShared = shared }, _time);
        var keys = from caller in new[] { Caller.Anonymous, Tenant("s", "t"), Tenant("s", "u"), Tenant("r", "t") }
                   from path in new[] { "/v1/embeddings", "/v1/rerank" }
                   from body in new byte[][] { [], [1], [1, 1] }
                   select cache.KeyOf(caller, Route(("a", 100)), path, body);
        Assert.Equal(different, keys.Distinct().Count());
    }

    private static Caller Tenant(string scope, string tenant) => new(scope, tenant, "k", RequestClass.Standard, RequestClass.Standard, TenantLimits.None);

    private static CacheKey Key(int n) => new((UInt128)n, 0);

    private static ModelRoute Route(params (string Revision, int Weight)[] revisions) =>
        new("ns", "m", new AttentionModelSpec(), [.. revisions.Select(r => new RevisionRoute(r.Revision, r.Weight, []))]);
}
