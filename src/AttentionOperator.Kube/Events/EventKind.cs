namespace AttentionOperator.Kube.Events;

/// <summary>The two types of events.</summary>
public enum EventKind
{
    Normal,
    Warning,
}
