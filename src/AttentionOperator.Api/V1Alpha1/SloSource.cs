namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Where the operator reads good and bad requests.</summary>
public enum SloSource
{
    /// <summary>Directly from the gateways, every second.</summary>
    Gateway,

    /// <summary>From a Prometheus server.</summary>
    Prometheus,
}
