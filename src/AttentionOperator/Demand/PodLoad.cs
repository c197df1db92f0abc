namespace AttentionOperator.Demand;

/// <summary>What one ready replica says of itself; numbers that it does not have are null.</summary>
/// <param name="Pod">Name of the pod.</param>
/// <param name="Revision">Its revision.</param>
/// <param name="IsKnown">False where it could not be read.</param>
/// <param name="InFlight">Requests inside it, waiting ones included.</param>
/// <param name="Waiting">Sequences that wait for its engine.</param>
/// <param name="CacheUse">Share of its key-value cache in use.</param>
/// <param name="GpuUtilization">Share of time in which its accelerators computed.</param>
internal sealed record PodLoad(string Pod, string Revision, bool IsKnown, long InFlight = 0, long Waiting = 0, double? CacheUse = null, double? GpuUtilization = null);
