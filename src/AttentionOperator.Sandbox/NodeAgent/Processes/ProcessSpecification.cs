namespace AttentionOperator.Sandbox.NodeAgent.Processes;

/// <summary>What to execute: nothing is inherited from the Sandbox's own environment.</summary>
internal sealed record ProcessSpecification(
    string FileName,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    string WorkingDirectory);
