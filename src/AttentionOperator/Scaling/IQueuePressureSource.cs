using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Scaling;

/// <summary>Where the reconciler gets the replicas that revisions' own queues ask for; it answers from memory.</summary>
internal interface IQueuePressureSource
{
    /// <summary>Replicas by revision; empty where no queue asks for any.</summary>
    IReadOnlyDictionary<string, int> PressureOf(ObjectKey model);
}
