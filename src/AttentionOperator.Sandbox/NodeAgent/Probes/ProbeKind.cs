namespace AttentionOperator.Sandbox.NodeAgent.Probes;

/// <summary>What a probe decides about.</summary>
internal enum ProbeKind
{
    Startup,
    Readiness,
    Liveness,
}
