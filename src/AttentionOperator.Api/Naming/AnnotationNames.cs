namespace AttentionOperator.Api.Naming;

/// <summary>Annotations that users set on an AttentionModel to ask for something once, and those that the operator sets on children.</summary>
public static class AnnotationNames
{
    /// <summary>Ask for an action on the rollout: <c>promote[=full]</c>, <c>pause</c>, <c>resume</c>, <c>abort</c>, <c>retry</c>, or <c>undo[=revision]</c>. The value is <c>action@token</c>; a token is acted on once.</summary>
    public const string RolloutAction = ApiNames.Group + "/rollout-action";

    /// <summary>Kubernetes' own, on pods: those of a lower cost are deleted first where a ReplicaSet shrinks.</summary>
    public const string PodDeletionCost = "controller.kubernetes.io/pod-deletion-cost";

    /// <summary>On pods of a revision whose token budget was lowered because memory ran out: the budget that they started with.</summary>
    public const string BatchTokens = ApiNames.Group + "/max-batch-tokens";

    /// <summary>Hash of the applied object, for no-op detection.</summary>
    public const string AppliedHash = ApiNames.Group + "/applied-hash";
}
