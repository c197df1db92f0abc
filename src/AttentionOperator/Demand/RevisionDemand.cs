namespace AttentionOperator.Demand;

/// <summary>What the gateways have for one revision now.</summary>
/// <param name="Hash">Revision hash.</param>
/// <param name="Queued">Requests that wait for it.</param>
/// <param name="Running">Requests that are placed on its replicas.</param>
/// <param name="Tokens">Tokens of the placed requests, estimated.</param>
internal sealed record RevisionDemand(string Hash, long Queued, long Running, long Tokens);
