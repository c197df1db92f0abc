using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Objects;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Kube.Tests.Control;

public sealed class OwnWritesTests
{
    private static readonly ObjectKey Child = new("ns", "child");
    private readonly FakeTimeProvider clock = new();
    private readonly FakeVersions cache = new();
    private readonly OwnWrites<string> writes;

    public OwnWritesTests() => writes = new OwnWrites<string>(TimeSpan.FromSeconds(10), clock);

    [Fact]
    public void NothingRecorded_IsNotBehind() => Assert.Null(writes.Behind("a"));

    [Theory]
    [InlineData("8", "u", true)]
    [InlineData("9", "u", false)]
    [InlineData("10", "u", false)]
    [InlineData("8", "older", true)]
    [InlineData("12", "newer", false)]
    public void Write_IsBehindUntilTheCacheShowsThatVersion(string cached, string uid, bool behind)
    {
        cache.Objects[Child] = new ObjectIdentity(Child, uid, cached);
        writes.Record("a", cache, new ObjectIdentity(Child, "u", "9"));
        Assert.Equal(behind, writes.Behind("a") is not null);
        Assert.Null(writes.Behind("b"));
    }

    [Fact]
    public void Write_OfAnObjectThatCameAndWent_IsSeenByTheCollectionsVersion()
    {
        writes.Record("a", cache, new ObjectIdentity(Child, "u", "9"));
        Assert.NotNull(writes.Behind("a"));
        cache.Latest = "11";
        Assert.Null(writes.Behind("a"));
    }

    [Fact]
    public void OpaqueVersions_AreComparedForEqualityAndIncarnation()
    {
        cache.Objects[Child] = new ObjectIdentity(Child, "u", "abc");
        writes.Record("a", cache, new ObjectIdentity(Child, "u", "xyz"));
        Assert.NotNull(writes.Behind("a"));
        cache.Objects[Child] = new ObjectIdentity(Child, "u", "xyz");
        Assert.Null(writes.Behind("a"));
    }

    [Fact]
    public void Delete_IsBehindUntilTheCacheLacksThatIncarnation()
    {
        var identity = new ObjectIdentity(Child, "u", "9");
        cache.Objects[Child] = identity;
        writes.RecordDelete("a", cache, identity);
        Assert.NotNull(writes.Behind("a"));
        cache.Objects[Child] = new ObjectIdentity(Child, "next", "10");
        Assert.Null(writes.Behind("a"));
    }

    [Fact]
    public void Timeout_BoundsTheWait()
    {
        writes.Record("a", cache, new ObjectIdentity(Child, "u", "9"));
        clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(TimeSpan.FromSeconds(6), writes.Behind("a"));
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Null(writes.Behind("a"));
    }

    [Fact]
    public void SecondWriteToOneObject_ReplacesTheFirst()
    {
        writes.Record("a", cache, new ObjectIdentity(Child, "u", "9"));
        writes.Record("a", cache, new ObjectIdentity(Child, "u", "12"));
        cache.Objects[Child] = new ObjectIdentity(Child, "u", "9");
        Assert.NotNull(writes.Behind("a"));
        cache.Objects[Child] = new ObjectIdentity(Child, "u", "12");
        Assert.Null(writes.Behind("a"));
    }
}
