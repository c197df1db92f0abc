using AttentionOperator.GatewayBench.Load;
using AttentionOperator.GatewayBench.Peers;
using AttentionOperator.GatewayBench.Runtimes;

namespace AttentionOperator.GatewayBench.Phases;

/// <summary>As many requests as come through, beside plain proxies; the load generator and the mock runtimes share the machine with each of them.</summary>
internal sealed class SaturationPhase : IPhase
{
    private const int Connections = 64;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(5);

    public string Name => "saturation";

    public async Task RunAsync(BenchContext context, CancellationToken cancellation)
    {
        using var runtimes = await MockProcess.StartAsync(4, context.Behaviour, context.Address, context.Directory, cancellation);
        await context.Cluster.SetPodsAsync(TenantModel.Name, TenantModel.Revision, runtimes.EndPoints, cancellation);
        using var haproxy = await PlainProxy.HaproxyAsync(context.Peers, context.Address, runtimes.EndPoints, context.Directory, cancellation);
        using var nginx = await PlainProxy.NginxAsync(context.Peers, context.Address, runtimes.EndPoints, context.Directory, cancellation);
        await context.Gateway.UntilServesAsync(TenantModel.Plain(), cancellation);
        await RunAsync(context.Gateway.EndPoint);
        var gateway = await RunAsync(context.Gateway.EndPoint);
        var ofHaproxy = await RunAsync(haproxy.EndPoint);
        var ofNginx = await RunAsync(nginx.EndPoint);
        context.Report("saturation_rps", gateway, "requests/s", "haproxy", ofHaproxy, gateway / ofHaproxy);
        context.Report("saturation_vs_haproxy", gateway / ofHaproxy, "ratio");
        context.Report("saturation_vs_nginx", gateway / ofNginx, "ratio", "nginx", ofNginx);

        Task<double> RunAsync(System.Net.IPEndPoint target) =>
            Wrk.RunAsync(context.Peers, target, "/v1/chat/completions", Requests.Chat(TenantModel.Name, 150, 8, stream: false), TenantModel.Key, Connections, Time, context.Directory, cancellation);
    }
}
