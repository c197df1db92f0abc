namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>A container cannot be started as its pod describes it; <see cref="Reason"/> is the waiting reason that kubectl shows.</summary>
internal sealed class ContainerConfigurationException : Exception
{
    public ContainerConfigurationException(string reason, string message)
        : base(message) => Reason = reason;

    public string Reason { get; }
}
