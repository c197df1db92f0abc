namespace AttentionOperator.Api.V1Alpha1;

/// <summary>How a device is shared.</summary>
public enum AcceleratorSharing
{
    /// <summary>Not at all.</summary>
    Exclusive,

    /// <summary>By time slices: pods take turns and nothing keeps their memory apart, so batching.cacheMemory is required.</summary>
    TimeSlicing,

    /// <summary>By NVIDIA's Multi-Process Service, which bounds the memory of each pod.</summary>
    Mps,
}
