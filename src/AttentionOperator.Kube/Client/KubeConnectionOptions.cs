namespace AttentionOperator.Kube.Client;

/// <summary>How to reach the API server and how hard to press it.</summary>
public sealed class KubeConnectionOptions
{
    /// <summary>Path of a kubeconfig; null takes the in-cluster service account where it is mounted, else KUBECONFIG, else the user's default file.</summary>
    public string? KubeConfig { get; set; }

    /// <summary>Context of the kubeconfig; null takes the current one.</summary>
    public string? Context { get; set; }

    public string UserAgent { get; set; } = "attention-operator-kube";

    /// <summary>Requests per second after the burst is spent; 0 or less switches the client-side throttle off.</summary>
    public double QueriesPerSecond { get; set; } = 100;

    public int Burst { get; set; } = 200;

    /// <summary>How often a request that the server asked to repeat (429, 503 with Retry-After) is sent again.</summary>
    public int MaxRetries { get; set; } = 5;

    /// <summary>Bounds one request up to its headers. A watch's body is bounded by the informer's watchdog.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(60);
}
