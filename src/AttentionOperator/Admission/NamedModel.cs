using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Admission;

/// <summary>A model that answers to a name.</summary>
/// <param name="Key">The model.</param>
/// <param name="IsAlias">Whether the name is one of its aliases, and not its own.</param>
internal readonly record struct NamedModel(ObjectKey Key, bool IsAlias);
