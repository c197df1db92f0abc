namespace AttentionOperator.Sandbox.Aggregation;

/// <summary>A Service has no port or no ready endpoint to connect to.</summary>
internal sealed class ServiceUnreachableException(string message) : Exception(message);
