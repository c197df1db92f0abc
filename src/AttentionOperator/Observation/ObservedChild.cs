using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Observation;

/// <summary>An object that the AttentionModel owns, by identity.</summary>
/// <param name="Resource">Kind.</param>
/// <param name="Key">Namespace and name.</param>
/// <param name="Uid">This incarnation.</param>
/// <param name="Revision">Revision hash, from its label; null where it belongs to the model as a whole.</param>
internal sealed record ObservedChild(ResourceKind Resource, ObjectKey Key, string Uid, string? Revision);
