using System.Net;
using AttentionOperator.Kube.Metrics;
using k8s;
using k8s.Exceptions;

namespace AttentionOperator.Kube.Client;

/// <summary>
/// One authenticated HTTP client to the API server: <see cref="Client"/> for typed calls, <see cref="SendAsync"/> for the raw ones of this library.
/// Each connection has its own throttle, so that a lease elector with a connection of its own is never kept waiting by the reconcilers.
/// </summary>
public sealed class KubeConnection : IDisposable
{
    private readonly bool http2;
    private readonly string userAgent;

    public KubeConnection(KubernetesClientConfiguration configuration, KubeConnectionOptions? options = null, KubeMetrics? metrics = null, TimeProvider? time = null, params DelegatingHandler[] handlers)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(handlers);
        options ??= new KubeConnectionOptions();
        time ??= TimeProvider.System;
        configuration.UserAgent = options.UserAgent;
        userAgent = options.UserAgent;
        configuration.HttpClientTimeout = options.RequestTimeout;
        http2 = !configuration.DisableHttp2;

        // The last handler is the outermost: callers' own (a leadership gate) see a request first, the throttle sees every attempt.
        List<DelegatingHandler> chain = [];
        if (metrics is not null)
        {
            chain.Add(new ApiMetricsHandler(metrics, time));
        }

        if (options.QueriesPerSecond > 0)
        {
            chain.Add(new ThrottleHandler(options.QueriesPerSecond, options.Burst, time));
        }

        chain.Add(new RetryAfterHandler(options.MaxRetries, time));
        chain.AddRange(handlers);
        Client = new Kubernetes(configuration, [.. chain]);
        Namespace = string.IsNullOrEmpty(configuration.Namespace) ? "default" : configuration.Namespace;
    }

    public Kubernetes Client { get; }

    /// <summary>Namespace of the service account or of the kubeconfig's context.</summary>
    public string Namespace { get; }

    /// <summary>Reads the configuration as <see cref="KubeConnectionOptions.KubeConfig"/> says.</summary>
    /// <exception cref="KubeConfigException">No usable configuration was found.</exception>
    public static KubernetesClientConfiguration LoadConfiguration(KubeConnectionOptions? options = null)
    {
        string? path = options?.KubeConfig;
        if (path is null && KubernetesClientConfiguration.IsInCluster())
        {
            return KubernetesClientConfiguration.InClusterConfig();
        }

        return path is null && options?.Context is null
            ? KubernetesClientConfiguration.BuildDefaultConfig()
            : KubernetesClientConfiguration.BuildConfigFromConfigFile(path, options?.Context);
    }

    public static KubeConnection Create(KubeConnectionOptions? options = null, KubeMetrics? metrics = null, TimeProvider? time = null, params DelegatingHandler[] handlers) =>
        new(LoadConfiguration(options), options, metrics, time, handlers);

    /// <summary>A connection for a lease elector alone: no throttle, no repeats, short requests.</summary>
    public static KubeConnection CreateForLease(KubeConnectionOptions? options = null, KubeMetrics? metrics = null, TimeProvider? time = null)
    {
        var own = new KubeConnectionOptions
        {
            KubeConfig = options?.KubeConfig,
            Context = options?.Context,
            UserAgent = $"{options?.UserAgent ?? new KubeConnectionOptions().UserAgent}/lease",
            QueriesPerSecond = 0,
            MaxRetries = 0,
            RequestTimeout = TimeSpan.FromSeconds(5),
        };
        return new KubeConnection(LoadConfiguration(own), own, metrics, time);
    }

    /// <summary>Sends a request whose address is relative to the server, and returns as soon as the headers are there.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string relative, HttpContent? content, CancellationToken cancellation, string accept = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(Base(), relative)) { Content = content };
        if (http2)
        {
            request.Version = HttpVersion.Version20;
        }

        request.Headers.Accept.ParseAdd(accept);
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        if (Client.Credentials is not null)
        {
            await Client.Credentials.ProcessHttpRequestAsync(request, cancellation).ConfigureAwait(false);
        }

        return await Client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
    }

    public void Dispose() => Client.Dispose();

    private Uri Base()
    {
        string text = Client.BaseUri.ToString();
        return text.EndsWith('/') ? Client.BaseUri : new Uri(text + "/");
    }
}
