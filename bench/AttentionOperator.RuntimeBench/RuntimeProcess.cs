using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace AttentionOperator.RuntimeBench;

/// <summary>One attention-runtime. It ends when this object is disposed.</summary>
internal sealed class RuntimeProcess : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);
    private readonly Process process;

    /// <summary>Starts it on a free port of the loopback address.</summary>
    /// <param name="executable">Path of attention-runtime.</param>
    /// <param name="directory">Where its configuration and termination message are written.</param>
    /// <param name="model">Directory of the model.</param>
    /// <param name="configuration">runtime.json.</param>
    public RuntimeProcess(string executable, string directory, string model, string configuration)
    {
        var port = FreePort();
        Address = new Uri($"http://127.0.0.1:{port}");
        var config = Path.Combine(directory, $"runtime-{port}.json");
        File.WriteAllText(config, configuration);
        Client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 4096, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(30) };
        var start = new ProcessStartInfo(executable, ["serve", "--config", config, "--model", model, "--listen", $"127.0.0.1:{port}"]) { RedirectStandardOutput = true };
        start.Environment["TERMINATION_LOG"] = Path.Combine(directory, $"termination-{port}");
        StartedAt = Stopwatch.GetTimestamp();
        process = Process.Start(start) ?? throw new InvalidOperationException($"{executable} did not start.");
        // Read on, so that the pipe does not block the process.
        Log = process.StandardOutput.ReadToEndAsync();
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public long StartedAt { get; }

    public Task<string> Log { get; }

    public bool HasExited => process.HasExited;

    public double ResidentMiB
    {
        get
        {
            var line = File.ReadLines($"/proc/{process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
        }
    }

    public async Task ReadyAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                using var answer = await Client.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellation);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            if (process.HasExited) throw new InvalidOperationException($"The runtime ended with exit code {process.ExitCode}:\n{await Log}");
            await Task.Delay(Poll, cancellation);
        }
    }

    public async Task<MetricsSample> MetricsAsync(CancellationToken cancellation) =>
        MetricsSample.Parse(await Client.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellation));

    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async Task<int> ExitAsync(CancellationToken cancellation)
    {
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode;
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Kill();
        process.Dispose();
        Client.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void OnExit(object? sender, EventArgs e) => Kill();

    private void Kill()
    {
        if (process.HasExited) return;
        process.Kill();
        process.WaitForExit();
    }
}
