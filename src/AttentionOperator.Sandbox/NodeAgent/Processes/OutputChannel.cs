namespace AttentionOperator.Sandbox.NodeAgent.Processes;

/// <summary>Which of a process's two streams a line came from.</summary>
internal enum OutputChannel
{
    Output,
    Error,
}
