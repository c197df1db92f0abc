using AttentionOperator.Kube.Client;

namespace AttentionOperator.Hosting;

/// <summary>The command line.</summary>
internal sealed record OperatorOptions
{
    /// <summary>Namespace to watch; empty for all.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Where notifications of rollouts are posted to; null: nowhere.</summary>
    public string? NotifyUrl { get; init; }

    /// <summary>Where it is asked for retraining when quality condemned a revision; null: nowhere.</summary>
    public string? RetrainUrl { get; init; }

    /// <summary>Namespace of the gateways whose counters are read; empty for all, null for the one that is watched.</summary>
    public string? GatewayNamespace { get; init; }

    public bool LeaderElection { get; init; } = true;

    /// <summary>Namespace of the lease; null: the operator's own.</summary>
    public string? LeaseNamespace { get; init; }

    /// <summary>Unique among the candidates.</summary>
    public string Identity { get; init; } = Environment.MachineName;

    /// <summary>Address and port of metrics and health.</summary>
    public string Listen { get; init; } = "";

    /// <summary>Address and port of the HTTPS endpoint that the API server calls.</summary>
    public string SecureListen { get; init; } = "127.0.0.1:0";

    /// <summary>Name of the Service in front of the HTTPS endpoint, in the operator's namespace; null: there is no such endpoint.</summary>
    public string? ServiceName { get; init; }

    /// <summary>Directory with tls.crt and tls.key that somebody else renews; null: the operator issues its own certificates.</summary>
    public string? CertificateDirectory { get; init; }

    /// <summary>Name of the MutatingWebhookConfiguration and of the ValidatingWebhookConfiguration that call the operator; null: none.</summary>
    public string? WebhookConfiguration { get; init; }

    /// <summary>Serve external.metrics.k8s.io and custom.metrics.k8s.io over HTTPS.</summary>
    public bool MetricsApis { get; init; } = true;

    /// <summary>Warn about Secrets that a model names and that do not exist; needs the right to get Secrets.</summary>
    public bool CheckSecrets { get; init; }

    /// <summary>Models that are reconciled at once.</summary>
    public int Workers { get; init; } = 4;

    public string RuntimeImage { get; init; } = "attention-runtime";

    public string? GatewayUrl { get; init; }

    /// <summary>Make a NetworkPolicy per model.</summary>
    public bool NetworkPolicies { get; init; } = true;

    public IReadOnlyList<string> HostPaths { get; init; } = [];

    /// <summary>Requests per second to the API server after <see cref="Burst"/>; 0 or less sets no limit.</summary>
    public double QueriesPerSecond { get; init; } = new KubeConnectionOptions().QueriesPerSecond;

    public int Burst { get; init; } = new KubeConnectionOptions().Burst;

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    public string? KubeConfig { get; init; }
}
