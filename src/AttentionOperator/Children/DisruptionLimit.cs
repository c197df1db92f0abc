namespace AttentionOperator.Children;

/// <summary>How many pods of a model evictions may take at once. Pure.</summary>
internal static class DisruptionLimit
{
    /// <param name="replicas">Replicas of the model.</param>
    /// <param name="replaces">Whether a replica that has to go is replaced first: then nobody need wait for a lone one in vain.</param>
    public static int Of(int replicas, bool replaces) => replicas <= 1 && replaces ? 0 : Math.Max(1, replicas / 10);
}
