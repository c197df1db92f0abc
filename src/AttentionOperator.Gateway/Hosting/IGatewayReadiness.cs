namespace AttentionOperator.Gateway.Hosting;

/// <summary>Whether the gateway knows enough to serve.</summary>
internal interface IGatewayReadiness
{
    bool IsReady { get; }
}
