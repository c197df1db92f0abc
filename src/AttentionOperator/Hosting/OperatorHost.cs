using AttentionOperator.Admission;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Validation;
using AttentionOperator.Certificates;
using AttentionOperator.Children;
using AttentionOperator.Demand;
using AttentionOperator.Fleet;
using AttentionOperator.Kube.Apply;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Events;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Leases;
using AttentionOperator.Kube.Metrics;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Nodes;
using AttentionOperator.Notifications;
using AttentionOperator.Observation;
using AttentionOperator.Reconciliation;
using AttentionOperator.Rollouts;
using AttentionOperator.Secrets;
using AttentionOperator.Scaling;
using AttentionOperator.Serving;
using AttentionOperator.Slo.Sources;
using Prometheus;

namespace AttentionOperator.Hosting;

/// <summary>Puts the operator's parts together.</summary>
internal static class OperatorHost
{
    /// <param name="options">The command line.</param>
    /// <param name="handlers">What sees every request to the API server, outermost last; for tests.</param>
    public static WebApplication Build(OperatorOptions options, params DelegatingHandler[] handlers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        builder.Logging.SetMinimumLevel(options.LogLevel);
        builder.Logging.AddFilter("Microsoft", options.LogLevel > LogLevel.Warning ? options.LogLevel : LogLevel.Warning);
        SecureEndpoint.Listen(builder.WebHost, options);
        Register(builder.Services, options, handlers);
        var app = builder.Build();
        SecureEndpoint.Separate(app);
        app.MapMetrics(RuntimeLayout.MetricsPath);
        app.MapGet(RuntimeLayout.LivePath, () => Results.Ok());
        // A standby is ready too: its caches are warm, and it takes over when the lease is free.
        app.MapGet(RuntimeLayout.ReadyPath, (ModelCaches caches, FleetView fleet, NodeWatch nodes, SecureEndpoint secure) => caches.HasSynced && fleet.HasSynced && nodes.HasSynced && secure.IsReady ? Results.Ok() : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
        AdmissionEndpoints.Map(app);
        return app;
    }

    private static void Register(IServiceCollection services, OperatorOptions options, DelegatingHandler[] handlers)
    {
        var connectionOptions = new KubeConnectionOptions { KubeConfig = options.KubeConfig, UserAgent = "attention-operator", QueriesPerSecond = options.QueriesPerSecond, Burst = options.Burst };
        var planner = new PlannerOptions
        {
            RuntimeImage = options.RuntimeImage,
            GatewayUrl = options.GatewayUrl,
            WatchesNodes = options.Namespace.Length == 0,
            Validation = new ValidationOptions { HostPaths = options.HostPaths },
            NetworkPolicy = options.NetworkPolicies ? new NetworkPolicySettings { GatewayNamespace = options.GatewayNamespace is { Length: > 0 } gateways ? gateways : options.LeaseNamespace, OperatorNamespace = options.LeaseNamespace } : null,
        };
        services.AddSingleton(options);
        services.AddSingleton(planner);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new KubeMetrics("attention_operator"));
        services.AddSingleton<LeadershipGate>();
        services.AddSingleton(provider => KubeConnection.Create(
            connectionOptions, provider.GetRequiredService<KubeMetrics>(), null, [.. handlers, .. options.LeaderElection ? (DelegatingHandler[])[provider.GetRequiredService<LeadershipGate>()] : []]));
        services.AddSingleton(provider => new KubeApi(provider.GetRequiredService<KubeConnection>(), ApiNames.FieldManager));
        services.AddSingleton(provider => new ServerSideApplier(provider.GetRequiredService<KubeApi>(), ApiNames.FieldManager, provider.GetRequiredService<KubeMetrics>()));
        services.AddSingleton(provider => new EventRecorder(
            provider.GetRequiredService<KubeApi>(),
            new EventOptions { Component = ApiNames.EventSource, Instance = options.Identity },
            provider.GetRequiredService<ILogger<EventRecorder>>()));
        services.AddSingleton(provider => new InformerFactory(
            provider.GetRequiredService<KubeConnection>(), provider.GetRequiredService<ILoggerFactory>(), provider.GetRequiredService<KubeMetrics>()));
        services.AddSingleton(provider => new ModelCaches(provider.GetRequiredService<InformerFactory>(), options.Namespace));
        services.AddSingleton<ApiDiscovery>();
        services.AddSingleton(provider => new FleetView(provider.GetRequiredService<InformerFactory>(), provider.GetRequiredService<ModelCaches>(), options.Namespace));
        services.AddSingleton(provider => new NodeWatch(provider.GetRequiredService<InformerFactory>(), provider.GetRequiredService<ModelCaches>(), options.Namespace));
        services.AddSingleton<PolicyReconciler>();
        services.AddSingleton<PolicyController>();
        services.AddSingleton<OwnWrites<ObjectKey>>(_ => new OwnWrites<ObjectKey>(TimeSpan.FromSeconds(5)));
        services.AddSingleton<IRolloutPlanner, StrategyRollouts>();
        services.AddSingleton(new RolloutMetrics());
        SliReading.Register(services, options);
        services.AddSingleton(provider => new RolloutNotifier(
            new NotificationTargets(options.NotifyUrl is { } url ? new Uri(url) : null, options.RetrainUrl is { } retrain ? new Uri(retrain) : null), new HttpClient { Timeout = Timeout.InfiniteTimeSpan }, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<RolloutNotifier>>()));
        services.AddSingleton(provider => new InternalTokenKeeper(
            provider.GetRequiredService<KubeApi>(), options.LeaseNamespace ?? provider.GetRequiredService<KubeConnection>().Namespace, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<InternalTokenKeeper>>()));
        DemandReading.Register(services);
        services.AddSingleton<ScalingLoop>();
        services.AddSingleton<IQueuePressureSource>(provider => provider.GetRequiredService<ScalingLoop>());
        services.AddSingleton<ScaleDownPreparation>();
        services.AddSingleton<ModelPlanner>();
        services.AddSingleton(provider => FetchProgressReader.Create(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<PlanExecutor>();
        services.AddSingleton<IReconciler<ObjectKey>, ModelReconciler>();
        services.AddSingleton(provider => new Controller<ObjectKey>(
            provider.GetRequiredService<IReconciler<ObjectKey>>(),
            new ControllerOptions { Name = ApiNames.Singular, Workers = options.Workers },
            provider.GetRequiredService<ILogger<Controller<ObjectKey>>>(),
            provider.GetRequiredService<OwnWrites<ObjectKey>>(),
            provider.GetRequiredService<KubeMetrics>()));
        AdmissionServices.Register(services, options, connectionOptions);
        SecureEndpoint.Register(services, options);
        services.AddSingleton<ControlLoop>();
        services.AddHostedService(provider => provider.GetRequiredService<ControlLoop>());
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        services.AddSingleton(provider => new ElectorFactory(connectionOptions, options, provider));
    }
}
