namespace AttentionOperator.Kube.Objects;

/// <summary>Which object, which incarnation of it (<see cref="Uid"/>), and which version.</summary>
public readonly record struct ObjectIdentity(ObjectKey Key, string Uid, string ResourceVersion)
{
    /// <summary>True when both are the same version of the same incarnation, so that an event about it brings nothing new.</summary>
    public bool IsSameVersionAs(ObjectIdentity other) =>
        ResourceVersion.Length > 0
        && string.Equals(ResourceVersion, other.ResourceVersion, StringComparison.Ordinal)
        && string.Equals(Uid, other.Uid, StringComparison.Ordinal);
}
