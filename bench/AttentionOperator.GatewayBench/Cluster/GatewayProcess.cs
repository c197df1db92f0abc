using System.Globalization;
using System.Net;
using AttentionOperator.Api.Naming;
using AttentionOperator.Bench.Results;

namespace AttentionOperator.GatewayBench.Cluster;

/// <summary>The gateway as a cluster runs it, with everything on.</summary>
internal sealed class GatewayProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly MeasuredProcess process;

    private GatewayProcess(MeasuredProcess process, IPAddress address)
    {
        this.process = process;
        EndPoint = new IPEndPoint(address, PortNames.Gateway);
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = int.MaxValue }) { BaseAddress = new Uri($"http://{EndPoint}"), Timeout = TimeSpan.FromMinutes(2) };
        Admin = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{address}:{PortNames.AdminPort}")), Timeout = TimeSpan.FromMinutes(1) };
    }

    public IPEndPoint EndPoint { get; }

    public HttpClient Client { get; }

    public HttpClient Admin { get; }

    public double ResidentMiB => process.ResidentMiB;

    public TimeSpan ProcessorTime => process.ProcessorTime;

    public int Id => process.Id;

    public static async Task<GatewayProcess> StartAsync(BenchmarkOptions options, BenchCluster cluster, IPAddress address, string directory, CancellationToken cancellation)
    {
        var environment = new Dictionary<string, string>
        {
            ["KUBECONFIG"] = cluster.KubeConfig,
            [EnvironmentNames.PodIp] = address.ToString(),
            [EnvironmentNames.PodName] = "attention-gateway-bench",
            [EnvironmentNames.InternalToken] = "bench",
            ["TOKENIZERS"] = Path.Combine(directory, "tokenizers"),
        };
        // Every request leaves an audit line, as in a cluster.
        var process = new MeasuredProcess(options.Executable("AttentionOperator.Gateway", "attention-gateway"), [], environment, Path.Combine(directory, "gateway.log"));
        var gateway = new GatewayProcess(process, address);
        await UntilAsync(async () => (await gateway.Admin.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellation)).IsSuccessStatusCode, "the gateway to be ready", cancellation);
        return gateway;
    }

    /// <summary>Waits until a request is answered with 200.</summary>
    public Task UntilServesAsync(byte[] request, CancellationToken cancellation) => UntilAsync(
        async () =>
        {
            using var connection = new Load.WireConnection(EndPoint);
            await connection.ConnectAsync(cancellation);
            connection.Send(request);
            return await connection.ReceiveAsync(cancellation) == 200;
        },
        "an answer through the gateway",
        cancellation);

    public void Dispose()
    {
        Client.Dispose();
        Admin.Dispose();
        process.Dispose();
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, string what, CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < Patience)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or System.Net.Sockets.SocketException)
            {
            }

            await Task.Delay(50, cancellation);
        }

        throw new TimeoutException($"Waited {Patience.TotalSeconds:F0} s for {what}.");
    }
}
