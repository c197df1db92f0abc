using System.Net.Security;
using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Batches;
using AttentionOperator.Gateway.Caching;
using AttentionOperator.Gateway.Feedback;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Metrics;
using AttentionOperator.Gateway.Mirroring;
using AttentionOperator.Gateway.Peers;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Gateway.Requests;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Gateway.Sampling;
using AttentionOperator.Gateway.Slis;
using AttentionOperator.Gateway.Spending;
using AttentionOperator.Gateway.Tls;
using AttentionOperator.Gateway.TokenCounting;
using AttentionOperator.Gateway.Tracing;
using AttentionOperator.Kube.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AttentionOperator.Gateway.Hosting;

/// <summary>Puts the gateway together: routing table → proxy; and the admin port.</summary>
internal static class GatewayHost
{
    /// <summary>The gateway of a cluster (or namespace): its routes come from watched objects.</summary>
    public static WebApplication BuildForCluster(GatewayOptions options, KubeConnection connection)
    {
        var home = options.Home ?? connection.Namespace;
        var source = new RoutingTableSource(options.Namespace ?? connection.Namespace);
        var app = Build(options, source, services =>
        {
            services.AddSingleton(provider => new GatewayInformers(connection, options.Namespace, home, provider.GetRequiredService<ILoggerFactory>()));
            services.AddSingleton<IGatewayReadiness>(provider => provider.GetRequiredService<GatewayInformers>());
            services.AddHostedService(provider => provider.GetRequiredService<GatewayInformers>());
            services.AddSingleton<ISpendingStore>(provider => new ConfigMapSpendingStore(new KubeApi(connection, "attention-gateway"), home, provider.GetRequiredService<TimeProvider>()));
            services.AddHostedService<SpendingSync>();
            services.AddSingleton(provider => new TokenizerConditions(new KubeApi(connection, "attention-gateway"), provider.GetRequiredService<GatewayInformers>().Models.Get, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TokenizerConditions>>()));
            services.AddHostedService(provider => provider.GetRequiredService<TokenizerConditions>());
        });
        // Connected before the informers run, so that no event is missed.
        var informers = app.Services.GetRequiredService<GatewayInformers>();
        RoutingWatch.Connect(informers.Models, informers.EndpointSlices, source);
        var keys = app.Services.GetRequiredService<ApiKeyStore>();
        informers.ApiKeys.AddHandler(e => keys.Set(e.Key, e.New is { } secret ? secret.Data ?? new Dictionary<string, byte[]>() : null));
        var tokens = app.Services.GetRequiredService<InternalTokens>();
        informers.InternalRoot.AddHandler(e => tokens.Set(e.New?.Data));
        app.Services.GetRequiredService<TokenizerAgreement>().Compared += app.Services.GetRequiredService<TokenizerConditions>().Report;
        var peers = app.Services.GetRequiredService<PeerDirectory>();
        informers.Gateways.AddHandler(_ => peers.Set(informers.Gateways.List()));
        return app;
    }

    /// <summary>The gateway over a routing table that somebody else feeds.</summary>
    /// <param name="options">Addresses and bounds.</param>
    /// <param name="source">The routing table.</param>
    /// <param name="configure">Adds <see cref="IGatewayReadiness"/>, and may replace services.</param>
    public static WebApplication Build(GatewayOptions options, RoutingTableSource source, Action<IServiceCollection> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddJsonConsole(o => o.UseUtcTimestamp = true).SetMinimumLevel(options.LogLevel)
            .AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None).AddFilter("Yarp", LogLevel.Error);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // bounded, with an error in OpenAI's shape, where the body is read
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
            kestrel.Listen(options.Address, options.Port, listener =>
            {
                if (options.TlsDirectory is not null) UseTls(listener, kestrel.ApplicationServices.GetRequiredService<ReloadingCertificate>());
            });
            kestrel.Listen(options.Address, options.AdminPort, listener => listener.MarkAdmin());
        });
        // Sockets complete on pool threads already; another hop through the pool per read and write costs more than it could save.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        AddServices(builder.Services, options, source);
        configure(builder.Services);
        var app = builder.Build();
        Connect(app.Services, source);
        var admin = app.Services.GetRequiredService<AdminApi>();
        var clients = app.Services.GetRequiredService<ClientApi>();
        app.Run(context => context.IsAdmin() ? admin.HandleAsync(context) : clients.HandleAsync(context));
        return app;
    }

    private static void UseTls(ListenOptions listener, ReloadingCertificate certificate) => listener.UseHttps(new TlsHandshakeCallbackOptions
    {
        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Current }),
    });

    private static void AddServices(IServiceCollection services, GatewayOptions options, RoutingTableSource source)
    {
        // Streams run for minutes: a gateway that is replaced finishes what it can within the pod's grace period (60 s).
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(55));
        services.AddSingleton<GatewayLifetime>();
        services.AddSingleton<IHostLifetime>(provider => provider.GetRequiredService<GatewayLifetime>());
        if (options.TlsDirectory is { } tls) services.AddSingleton(provider => new ReloadingCertificate(tls, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ReloadingCertificate>>()));
        if (options.ExportsTraces) services.AddOpenTelemetry().ConfigureResource(r => r.AddService("attention-gateway")).WithTracing(t => t.AddSource(GatewayTracing.SourceName).AddOtlpExporter());
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(source);
        services.AddSingleton(new GatewayLimits(options.MaxBodyBytes));
        services.AddSingleton(options.Queue);
        services.AddSingleton(options.Timings);
        services.AddSingleton(new InternalTokens(options.InternalToken));
        services.AddSingleton(_ => UpstreamClient.Create());
        services.AddSingleton<SliRegistry>();
        services.AddSingleton(_ => new GatewayMetrics(Prometheus.Metrics.NewCustomRegistry()));
        services.AddSingleton<QueueRegistry>();
        services.AddSingleton<UpstreamRequests>();
        services.AddSingleton<UpstreamAttempt>();
        services.AddSingleton<RequestForwarder>();
        services.AddSingleton<ApiKeyStore>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton<KeyAudit>();
        services.AddSingleton(new PeerDirectory(options.Address.ToString(), options.Replicas));
        services.AddSingleton<PeerLoans>();
        services.AddSingleton<SpendingLedger>();
        services.AddSingleton<TenantBudgets>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton(new TokenizerDirectory(options.TokenizerDirectory));
        services.AddSingleton<TokenizerCatalog>();
        services.AddSingleton<TokenizerAgreement>();
        services.AddSingleton<InputCounter>();
        services.AddSingleton<Admittance>();
        services.AddSingleton(options.Cache);
        services.AddSingleton<ResponseCache>();
        services.AddSingleton<CachedRequests>();
        services.AddSingleton(options.Sampling);
        services.AddSingleton<RequestSampler>();
        services.AddSingleton<Mirror>();
        services.AddSingleton(_ => new ResponseMemory());
        services.AddSingleton<FeedbackEndpoint>();
        services.AddSingleton<ModelsEndpoint>();
        services.AddSingleton<ProxyEndpoint>();
        services.AddSingleton<LoadSnapshot>();
        services.AddSingleton(options.Batches);
        services.AddSingleton<FileStore>();
        services.AddSingleton<BatchStore>();
        services.AddSingleton<BatchCalls>();
        services.AddSingleton<BatchRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<BatchRunner>());
        services.AddSingleton<FilesEndpoint>();
        services.AddSingleton<BatchesEndpoint>();
        services.AddSingleton<AdminApi>();
        services.AddSingleton<ClientApi>();
    }

    private static void Connect(IServiceProvider services, RoutingTableSource source)
    {
        var slis = services.GetRequiredService<SliRegistry>();
        source.Changed += (key, route) =>
        {
            slis.Configure(key, route?.Spec.Slo, route is not null);
            if (route is not null) slis.For(key).Retain(route.Revisions.Select(r => r.Revision).ToHashSet(StringComparer.Ordinal));
        };
        var metrics = services.GetRequiredService<GatewayMetrics>();
        metrics.Observe(services.GetRequiredService<QueueRegistry>());
        _ = new ObjectiveMetrics(metrics.Registry, slis); // lives as long as the registry that calls it
    }
}
