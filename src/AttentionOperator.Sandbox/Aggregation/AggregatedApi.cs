namespace AttentionOperator.Sandbox.Aggregation;

/// <summary>A group version that an APIService hands to another server.</summary>
internal sealed record AggregatedApi(string Group, string Version, ServiceTarget Service, byte[]? CaBundle, bool InsecureSkipTlsVerify);
