namespace AttentionOperator.Api.Validation;

/// <summary>What an installation allows.</summary>
public sealed record ValidationOptions
{
    /// <summary>Directories of nodes that <c>file://</c> uris may name (they or anything below); empty: none, because a hostPath reads the node's files.</summary>
    public IReadOnlyList<string> HostPaths { get; init; } = [];
}
