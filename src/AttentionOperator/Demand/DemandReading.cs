using AttentionOperator.Observation;
using AttentionOperator.Slo.Sources;

namespace AttentionOperator.Demand;

/// <summary>Puts the reading of demand together.</summary>
internal static class DemandReading
{
    private const int LargestAnswer = 64 * 1024 * 1024;

    public static void Register(IServiceCollection services) => services.AddSingleton<IDemandSource>(provider =>
    {
        var caches = provider.GetRequiredService<ModelCaches>();
        return new DemandReader(
            provider.GetRequiredService<GatewayDirectory>().Endpoints,
            model => caches.PodsOf(model).Select(PodReader.Read).OfType<ObservedPod>(),
            // Addresses are pods': no proxy stands between, and connections are given up before a pod's address means another pod.
            new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(1), PooledConnectionLifetime = TimeSpan.FromMinutes(1) })
            {
                MaxResponseContentBufferSize = LargestAnswer,
                Timeout = Timeout.InfiniteTimeSpan,
            },
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<DemandReader>>());
    });
}
