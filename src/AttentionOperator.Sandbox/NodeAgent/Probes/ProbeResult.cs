namespace AttentionOperator.Sandbox.NodeAgent.Probes;

/// <summary>One execution of a probe; the message goes into the event when it failed.</summary>
internal readonly record struct ProbeResult(bool Success, string Message);
