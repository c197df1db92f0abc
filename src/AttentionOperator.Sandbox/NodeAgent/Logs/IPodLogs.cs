namespace AttentionOperator.Sandbox.NodeAgent.Logs;

/// <summary>Where the API server gets the content of <c>pods/log</c> from.</summary>
public interface IPodLogs
{
    /// <summary>Writes the container's log and, where the query says so, follows it until the run ends.</summary>
    /// <exception cref="PodLogException">There is no such container, or it has not written yet; the message is for the client.</exception>
    Task CopyToAsync(string @namespace, string pod, PodLogOptions options, Stream destination, CancellationToken cancellationToken);
}
