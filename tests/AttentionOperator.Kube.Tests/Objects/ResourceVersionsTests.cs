using AttentionOperator.Kube.Objects;
using CsCheck;

namespace AttentionOperator.Kube.Tests.Objects;

public sealed class ResourceVersionsTests
{
    [Fact]
    public void Compare_FollowsNumbersOfAnyLength() =>
        Gen.Select(Gen.ULong, Gen.ULong).Sample((a, b) =>
            Assert.Equal(Math.Sign(a.CompareTo(b)), Math.Sign(ResourceVersions.Compare(a.ToString(System.Globalization.CultureInfo.InvariantCulture), b.ToString(System.Globalization.CultureInfo.InvariantCulture))!.Value)));

    [Fact]
    public void Compare_OpaqueVersions_KnowsOnlyEquality()
    {
        Assert.Equal(0, ResourceVersions.Compare("x1", "x1"));
        Assert.Null(ResourceVersions.Compare("x1", "2"));
        Assert.Null(ResourceVersions.Compare("", "2"));
        Assert.True(ResourceVersions.Compare("123456789012345678901234567890", "9") > 0);
    }

    [Fact]
    public void ResourceKind_Paths()
    {
        ResourceKind deployments = ResourceKind.Of<k8s.Models.V1Deployment>();
        Assert.Equal("apis/apps/v1/namespaces/ns/deployments/a/status", deployments.ObjectPath(new ObjectKey("ns", "a"), "status"));
        Assert.Equal("apis/apps/v1/deployments", deployments.CollectionPath());
        Assert.Equal("api/v1/nodes/n", ResourceKind.Of<k8s.Models.V1Node>(namespaced: false).ObjectPath(ObjectKey.Cluster("n")));
        Assert.Throws<ArgumentException>(() => deployments.ObjectPath(ObjectKey.Cluster("a")));
        Assert.Equal("deployments.apps", deployments.FullName);
        Assert.Equal(new ObjectKey("ns", "a"), ObjectKey.Parse(new ObjectKey("ns", "a").ToString()));
    }
}
