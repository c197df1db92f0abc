using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Api.Policies;

/// <summary>A policy that holds for a namespace.</summary>
/// <param name="Source">Kind and name, for messages: <c>ClusterAttentionPolicy gpus</c>.</param>
/// <param name="Spec">Its rules.</param>
public sealed record NamedPolicy(string Source, AttentionPolicySpec Spec);
