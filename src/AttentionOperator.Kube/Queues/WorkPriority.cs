namespace AttentionOperator.Kube.Queues;

/// <summary>Live events go before the initial list and resyncs, so that a change is not stuck behind ten thousand objects that have none.</summary>
public enum WorkPriority
{
    Live,
    Background,
}
