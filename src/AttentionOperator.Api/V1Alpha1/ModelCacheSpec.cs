using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Where fetched files are kept.</summary>
public sealed record ModelCacheSpec
{
    /// <summary>PersistentVolumeClaim of the same namespace that pods share: one of them downloads, the others wait for it, and a new pod finds the files. It must be mountable by all of them (ReadWriteMany, or one node). Default: a volume of the pod's own.</summary>
    [Length(253, 1)]
    [Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    public string? ClaimName { get; init; }

    /// <summary>Most bytes to keep (a quantity): of a claim, models that were not used longest are removed beyond it; a pod's own volume is limited to it. Default: no limit.</summary>
    [Quantity]
    public string? Size { get; init; }
}
