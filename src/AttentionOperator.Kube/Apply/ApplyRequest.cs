using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Apply;

/// <summary>What to apply.</summary>
/// <param name="Resource">Kind.</param>
/// <param name="Key">Object.</param>
/// <param name="Json">apiVersion, kind, metadata.name and the fields that we decide, and no others.</param>
/// <param name="Conflicts">What happens to fields that others own.</param>
/// <param name="Subresource">"status", or null for the object itself.</param>
public sealed record ApplyRequest(ResourceKind Resource, ObjectKey Key, ReadOnlyMemory<byte> Json, ConflictPolicy Conflicts = ConflictPolicy.Force, string? Subresource = null);
