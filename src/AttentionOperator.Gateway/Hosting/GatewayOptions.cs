using System.Net;
using AttentionOperator.Api.Naming;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Queueing;

namespace AttentionOperator.Gateway.Hosting;

/// <summary>How the gateway is started.</summary>
internal sealed record GatewayOptions
{
    /// <summary>Address of both ports: the pod's own where it is a loopback address (a pod that is a local process), else any.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    public int Port { get; init; } = PortNames.Gateway;

    public int AdminPort { get; init; } = PortNames.AdminPort;

    /// <summary>Watch this namespace only; null = all.</summary>
    public string? Namespace { get; init; }

    public int MaxBodyBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Secret that gateway and runtimes share; null = answers cannot be continued elsewhere.</summary>
    public string? InternalToken { get; init; }

    /// <summary>Gateways that serve the same tenants; each enforces its share of their limits.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Directory with <c>namespace/model/tokenizer.json</c>; null = tokens are bounded by bytes.</summary>
    public string? TokenizerDirectory { get; init; }

    public QueueLimits Queue { get; init; } = new();

    public GatewayTimings Timings { get; init; } = new();

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>The address that <c>POD_IP</c> asks for.</summary>
    public static IPAddress AddressOf(string? podIp) => IPAddress.TryParse(podIp, out var address)
        ? IPAddress.IsLoopback(address) ? address : IPAddress.Any
        : IPAddress.Loopback;
}
