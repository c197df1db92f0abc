namespace AttentionOperator.Sandbox.Aggregation;

/// <summary>A port of a Service.</summary>
internal sealed record ServiceTarget(string Namespace, string Name, int Port);
