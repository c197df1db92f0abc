namespace AttentionOperator.Sandbox.NodeAgent.Processes;

/// <summary>A container's program cannot be executed on this host.</summary>
internal sealed class ExecutableNotFoundException : Exception
{
    public ExecutableNotFoundException(string message)
        : base(message)
    {
    }
}
