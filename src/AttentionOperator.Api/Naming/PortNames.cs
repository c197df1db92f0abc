namespace AttentionOperator.Api.Naming;

/// <summary>Container ports. In a cluster every pod has its own address, so they never clash.</summary>
public static class PortNames
{
    public const string Http = "http";
    public const string Admin = "admin";

    /// <summary>Runtime: OpenAI API, health, metrics.</summary>
    public const int Runtime = 8000;

    /// <summary>Gateway: OpenAI API for clients.</summary>
    public const int Gateway = 8080;

    /// <summary>Gateway and operator: health, metrics, and the gateway's <c>/slis</c>. Never reachable for clients.</summary>
    public const int AdminPort = 8081;

    /// <summary>Operator: admission webhooks and aggregated metrics API, TLS.</summary>
    public const int Webhook = 9443;
}
