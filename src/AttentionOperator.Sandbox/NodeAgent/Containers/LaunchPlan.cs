using AttentionOperator.Sandbox.NodeAgent.Processes;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>The process to start for a container, and where its probes go.</summary>
internal sealed record LaunchPlan(ProcessSpecification Process, ContainerTarget Target);
