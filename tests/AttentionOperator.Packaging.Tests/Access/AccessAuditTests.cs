using AttentionOperator.Api.Serialization;
using AttentionOperator.Packaging.Access;

namespace AttentionOperator.Packaging.Tests.Access;

public sealed class AccessAuditTests
{
    private static readonly AccessRule[] Rules =
    [
        .. AccessRule.Of(YamlDocuments.Parse("""
            {kind: ClusterRole, metadata: {name: wide}, rules: [{apiGroups: [""], resources: [pods, services], verbs: [list, watch]}]}
            ---
            {kind: Role, metadata: {name: own}, rules: [{apiGroups: [coordination.k8s.io], resources: [leases], resourceNames: [mine], verbs: [update]}]}
            """)),
    ];

    private static readonly string[] All = ["p\tlist\t\tpods\tcluster\t", "p\twatch\t\tpods\tcluster\t", "p\tlist\t\tservices\tnamespaced\t", "p\twatch\t\tservices\tcluster\t", "p\tupdate\tcoordination.k8s.io\tleases\tnamespaced\tmine"];

    [Fact]
    public void What_is_granted_and_used_passes()
    {
        var audit = AccessAudit.Of([.. All.Select(AccessUse.Parse)], Rules);
        Assert.Empty(audit.Missing);
        Assert.Empty(audit.Unused);
    }

    [Theory]
    [InlineData("p\tdelete\t\tpods\tnamespaced\ta", "delete pods a")]
    [InlineData("p\tupdate\tcoordination.k8s.io\tleases\tnamespaced\tother", "update leases.coordination.k8s.io other")]
    [InlineData("p\tupdate\tcoordination.k8s.io\tleases\tcluster\tmine", "update leases.coordination.k8s.io mine (cluster-wide)")]
    [InlineData("p\tlist\tapps\tpods\tcluster\t", "list pods.apps (cluster-wide)")]
    public void Use_without_a_rule_is_missing(string line, string expected) =>
        Assert.Equal(expected, Assert.Single(AccessAudit.Of([.. All.Append(line).Select(AccessUse.Parse)], Rules).Missing).ToString());

    [Fact]
    public void Rule_without_a_use_is_unused() =>
        Assert.Equal(["wide: list pods", "wide: watch pods", "own: update leases.coordination.k8s.io [mine]"], AccessAudit.Of([.. new[] { All[3] }.Select(AccessUse.Parse)], Rules).Unused.Select(rule => rule.ToString()));
}
