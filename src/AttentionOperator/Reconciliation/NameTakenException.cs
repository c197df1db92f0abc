using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Reconciliation;

/// <summary>A child cannot be created, because an object of its name exists that the model does not own; it is never taken over.</summary>
internal sealed class NameTakenException(ResourceKind resource, ObjectKey key)
    : InvalidOperationException($"{resource.Kind} {key} exists and does not belong to this AttentionModel; rename or delete it, or give the AttentionModel another name");
