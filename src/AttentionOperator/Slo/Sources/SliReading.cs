using AttentionOperator.Hosting;
using AttentionOperator.Kube.Informers;

namespace AttentionOperator.Slo.Sources;

/// <summary>Puts the reading of counters together.</summary>
internal static class SliReading
{
    private const int LargestAnswer = 64 * 1024 * 1024;

    public static void Register(IServiceCollection services, OperatorOptions options)
    {
        services.AddSingleton(provider => new GatewayDirectory(provider.GetRequiredService<InformerFactory>(), options.GatewayNamespace ?? options.Namespace));
        services.AddSingleton(provider => new SliReader(
            new GatewaySliReader(provider.GetRequiredService<GatewayDirectory>().Addresses, Client(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<GatewaySliReader>>()),
            new PrometheusSliReader(Client(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PrometheusSliReader>>()),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SliReader>>()));
        services.AddSingleton<ISliSource>(provider => provider.GetRequiredService<SliReader>());
    }

    // Addresses are pods': no proxy stands between, and connections are given up before a pod's address means another pod.
    private static HttpClient Client() => new(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(1), PooledConnectionLifetime = TimeSpan.FromMinutes(1) })
    {
        MaxResponseContentBufferSize = LargestAnswer,
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
