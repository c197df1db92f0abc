namespace AttentionOperator.Kube.Informers;

/// <summary>What happened to an object.</summary>
public enum InformerEventKind
{
    Added,
    Modified,
    Deleted,

    /// <summary>Nothing happened; the object is shown again because the resync interval is over.</summary>
    Resync,
}
