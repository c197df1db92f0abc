namespace AttentionOperator.Sandbox.Aggregation;

/// <summary>A group version that an APIService hands to another server.</summary>
internal sealed record AggregatedApi(string Group, string Version, string ServiceNamespace, string ServiceName, int Port, byte[]? CaBundle, bool InsecureSkipTlsVerify);
