namespace AttentionOperator.Children;

/// <summary>Who may reach the pods of models.</summary>
internal sealed record NetworkPolicySettings
{
    /// <summary>Namespace of the gateways; null: any.</summary>
    public string? GatewayNamespace { get; init; }

    /// <summary>Namespace of the operator; null: any.</summary>
    public string? OperatorNamespace { get; init; }
}
