using k8s.Models;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Who may call the model.</summary>
public sealed record SecuritySpec
{
    /// <summary>Secret with the callers' hashed API keys.</summary>
    public V1LocalObjectReference? ApiKeysSecretRef { get; init; }
}
