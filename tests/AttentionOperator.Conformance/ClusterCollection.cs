namespace AttentionOperator.Conformance;

/// <summary>All tests share one cluster and run one after another.</summary>
[CollectionDefinition("cluster")]
public sealed class ClusterCollection : ICollectionFixture<Cluster>;
