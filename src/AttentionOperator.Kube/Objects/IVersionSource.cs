namespace AttentionOperator.Kube.Objects;

/// <summary>What a cache knows about versions; an informer is one.</summary>
public interface IVersionSource
{
    /// <summary>The newest resource version that the cache has seen of the collection; empty before the first list.</summary>
    string LatestResourceVersion { get; }

    ObjectIdentity? IdentityOf(ObjectKey key);
}
