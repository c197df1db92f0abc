using System.Globalization;
using System.Net;
using AttentionOperator.Api.Naming;
using AttentionOperator.Gateway.Batches;
using AttentionOperator.Gateway.Caching;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Gateway.Sampling;

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

    /// <summary>The gateway's own namespace; null = the connection's.</summary>
    public string? Home { get; init; }

    public int MaxBodyBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Root of the tokens that gateway and runtimes share; null = it comes from the Secret that the operator keeps.</summary>
    public string? InternalToken { get; init; }

    /// <summary>Gateways that serve the same tenants; each enforces its share of their limits.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Directory with <c>namespace/model/tokenizer.json</c>; null = tokens are bounded by bytes.</summary>
    public string? TokenizerDirectory { get; init; }

    /// <summary>Directory with <c>tls.crt</c> and <c>tls.key</c>: clients are served over TLS; null = in the clear.</summary>
    public string? TlsDirectory { get; init; }

    /// <summary>Spans are exported by OTLP (the SDK's own variables say where to).</summary>
    public bool ExportsTraces { get; init; }

    public BatchOptions Batches { get; init; } = new();

    public SamplingOptions Sampling { get; init; } = new();

    public ResponseCacheOptions Cache { get; init; } = ResponseCacheOptions.Off;

    public QueueLimits Queue { get; init; } = new();

    public GatewayTimings Timings { get; init; } = new();

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Reads the process's environment (docs/gateway.md). A value that cannot be read is an error, not a default.</summary>
    /// <exception cref="FormatException">Names the variable and what was expected.</exception>
    public static GatewayOptions FromEnvironment(Func<string, string?> read) => new()
    {
        Address = AddressOf(read(EnvironmentNames.PodIp)),
        Namespace = Text(read, "WATCH_NAMESPACE"),
        Home = Text(read, "POD_NAMESPACE"),
        InternalToken = Text(read, EnvironmentNames.InternalToken),
        TokenizerDirectory = Text(read, "TOKENIZERS"),
        Batches = new BatchOptions { Directory = Text(read, "BATCH_DIRECTORY") },
        Sampling = new SamplingOptions(Text(read, "SAMPLE_DIRECTORY"), Number(read, "SAMPLE_PER_MILLE") ?? 1),
        TlsDirectory = Text(read, "TLS_DIRECTORY"),
        ExportsTraces = Text(read, EnvironmentNames.OtlpEndpoint) is not null,
        Replicas = Number(read, "GATEWAY_REPLICAS") ?? 1,
        Cache = Number(read, "RESPONSE_CACHE_MIB") is { } size ? new ResponseCacheOptions(size * 1024L * 1024, TimeSpan.FromSeconds(Number(read, "RESPONSE_CACHE_SECONDS") ?? 300)) { IsShared = Text(read, "RESPONSE_CACHE_SHARED") == "true" } : ResponseCacheOptions.Off,
    };

    /// <summary>The address that <c>POD_IP</c> asks for.</summary>
    public static IPAddress AddressOf(string? podIp) => IPAddress.TryParse(podIp, out var address)
        ? IPAddress.IsLoopback(address) ? address : IPAddress.Any
        : IPAddress.Loopback;

    private static string? Text(Func<string, string?> read, string name) => read(name) is { Length: > 0 } text ? text : null;

    private static int? Number(Func<string, string?> read, string name) => Text(read, name) is not { } text
        ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw new FormatException($"{name} is '{text}'; a whole number above 0 is expected.");
}
