using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Informers;

/// <summary>An object that could not be read. The cache keeps its last readable version, if there was one.</summary>
/// <param name="Resource">Kind.</param>
/// <param name="Key">The object; empty where not even its name could be read.</param>
/// <param name="Error">Why.</param>
public sealed record MalformedObject(ResourceKind Resource, ObjectKey Key, Exception Error);
