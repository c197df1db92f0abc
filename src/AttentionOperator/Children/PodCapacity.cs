namespace AttentionOperator.Children;

/// <summary>Which part of a revision a pod belongs to.</summary>
internal enum PodCapacity
{
    /// <summary>The only one: the revision has no parts.</summary>
    Any,

    /// <summary>The floor that never runs on spot nodes.</summary>
    OnDemand,

    /// <summary>What is above the floor.</summary>
    Spot,
}
