namespace AttentionOperator.Kube.Informers;

/// <summary>Names of the indexes that come with every informer.</summary>
public static class IndexNames
{
    /// <summary>By the uid of each owner reference.</summary>
    public const string Owner = "owner";

    /// <summary>Prefix of label indexes: <c>label:app</c>.</summary>
    public const string LabelPrefix = "label:";
}
