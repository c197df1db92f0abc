using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AttentionOperator.Bench.Results;

namespace AttentionOperator.OperatorBench;

/// <summary>The operator as a process of its own, and its metrics.</summary>
internal sealed class OperatorProcess : IDisposable
{
    private const string Prefix = "attention_operator_";
    private static readonly string[] Writes = ["create", "update", "patch", "apply", "delete"];
    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly Uri metrics;

    /// <param name="executable">Path of attention-operator.</param>
    /// <param name="kubeConfig">Of the API server.</param>
    /// <param name="queriesPerSecond">Of the client's throttle; 0 switches it off.</param>
    /// <param name="workers">Models that are reconciled at once.</param>
    public OperatorProcess(string executable, string kubeConfig, int queriesPerSecond, int workers)
    {
        var port = FreePort();
        metrics = new Uri($"http://127.0.0.1:{port}/metrics");
        Process = new MeasuredProcess(
            executable,
            [
                "--kubeconfig", kubeConfig, "--listen", $"127.0.0.1:{port}", "--leader-elect", "false", "--log-level", "Warning", "--allow-host-path", "/models",
                "--kube-api-qps", queriesPerSecond.ToString(CultureInfo.InvariantCulture),
                "--workers", workers.ToString(CultureInfo.InvariantCulture),
            ]);
    }

    public MeasuredProcess Process { get; }

    /// <summary>The metrics now; null while the process is still starting.</summary>
    public async Task<MetricsSample?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return MetricsSample.Parse(await client.GetStringAsync(metrics, cancellation));
        }
        catch (HttpRequestException) when (!Process.HasExited)
        {
            return null;
        }
    }

    public static double Reconciles(MetricsSample sample) => sample.Sum(Prefix + "reconcile_duration_seconds_count");

    public static double Queued(MetricsSample sample) => sample.Sum(Prefix + "queue_depth") + sample.Sum(Prefix + "reconcile_active");

    public static double ReconcileErrors(MetricsSample sample) => sample.Sum(Prefix + "reconcile_total", l => l["result"] == "error");

    public static double WriteCalls(MetricsSample sample) => sample.Sum(Prefix + "api_calls_total", l => Writes.Contains(l["verb"]));

    public static double Calls(MetricsSample sample) => sample.Sum(Prefix + "api_calls_total");

    public static double ReconcileSeconds(MetricsSample sample) => sample.Sum(Prefix + "reconcile_duration_seconds_sum");

    public static IReadOnlyList<(double UpperBound, double Count)> ReconcileBuckets(MetricsSample sample) => sample.Buckets(Prefix + "reconcile_duration_seconds");

    public void Dispose()
    {
        Process.Dispose();
        client.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
