using AttentionOperator.Api.Naming;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Leases;
using AttentionOperator.Kube.Metrics;

namespace AttentionOperator.Hosting;

/// <summary>Makes the lease elector, on a connection of its own.</summary>
internal sealed class ElectorFactory(KubeConnectionOptions connectionOptions, OperatorOptions options, IServiceProvider services) : IDisposable
{
    private KubeConnection? connection;

    public LeaseElector Create()
    {
        var metrics = services.GetRequiredService<KubeMetrics>();
        connection ??= KubeConnection.CreateForLease(connectionOptions, metrics);
        return new LeaseElector(
            new KubeLeaseStore(connection, options.LeaseNamespace ?? connection.Namespace, ApiNames.LeaseName),
            new LeaseOptions { Identity = options.Identity },
            services.GetRequiredService<ILogger<LeaseElector>>(),
            services.GetRequiredService<LeadershipGate>(),
            metrics);
    }

    public void Dispose() => connection?.Dispose();
}
