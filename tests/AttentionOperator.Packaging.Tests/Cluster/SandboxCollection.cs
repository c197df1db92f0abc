namespace AttentionOperator.Packaging.Tests.Cluster;

/// <summary>The tests share one cluster and run one after the other, because the objects of the product are partly cluster-wide.</summary>
[CollectionDefinition(Name)]
public sealed class SandboxCollection : ICollectionFixture<SandboxCluster>
{
    public const string Name = "sandbox";
}
