using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Observation;

/// <summary>What scaling needs of a pod.</summary>
/// <param name="Key">Namespace and name.</param>
/// <param name="Revision">Revision hash, from its label.</param>
/// <param name="Address">Its address; null before it has one.</param>
/// <param name="IsReady">It serves: ready, and not on its way out.</param>
/// <param name="IsDeleting">It is on its way out.</param>
/// <param name="DeletionCost">Its <c>controller.kubernetes.io/pod-deletion-cost</c>; null where it has none.</param>
internal sealed record ObservedPod(ObjectKey Key, string Revision, string? Address, bool IsReady, bool IsDeleting, string? DeletionCost);
