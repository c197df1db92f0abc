namespace AttentionOperator.Sandbox.Api;

/// <summary>Gives the logs of containers, as the kubelet does.</summary>
public interface IPodLogSource
{
    /// <summary>Writes the log to <paramref name="output"/>; with <see cref="PodLogQuery.Follow"/> until the container ends or the reader leaves.</summary>
    /// <returns>False when the container has no log (it has not started).</returns>
    Task<bool> CopyLogAsync(PodLogQuery query, Stream output, CancellationToken cancellation);
}
