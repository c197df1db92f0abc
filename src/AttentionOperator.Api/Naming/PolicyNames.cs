namespace AttentionOperator.Api.Naming;

/// <summary>Identity of the policies' kinds.</summary>
public static class PolicyNames
{
    public const string Kind = "AttentionPolicy";
    public const string Plural = "attentionpolicies";
    public const string ShortName = "ap";
    public const string ClusterKind = "ClusterAttentionPolicy";
    public const string ClusterPlural = "clusterattentionpolicies";
    public const string ClusterShortName = "cap";
}
