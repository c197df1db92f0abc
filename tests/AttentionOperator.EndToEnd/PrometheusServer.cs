using System.Diagnostics;
using System.Text.RegularExpressions;

namespace AttentionOperator.EndToEnd;

/// <summary>A Prometheus of the system (Debian and Ubuntu: package <c>prometheus</c>), on a port of its own.</summary>
internal sealed partial class PrometheusServer : IAsyncDisposable
{
    private const string Program = "/usr/bin/prometheus";

    private readonly string directory = Directory.CreateTempSubdirectory("prometheus-").FullName;
    private readonly TaskCompletionSource<int> port = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? process;

    public static bool IsInstalled => File.Exists(Program);

    public string Url { get; private set; } = "";

    /// <param name="job">Name of the job.</param>
    /// <param name="target">Address and port that is scraped every second.</param>
    public static async Task<PrometheusServer> StartAsync(string job, string target)
    {
        var server = new PrometheusServer();
        var configuration = Path.Combine(server.directory, "prometheus.yml");
        await File.WriteAllTextAsync(configuration, $$"""
            global: {scrape_interval: 1s}
            scrape_configs:
            - job_name: {{job}}
              static_configs:
              - targets: ["{{target}}"]
                labels: {pod: "{{job}}-0"}
            """);
        var start = new ProcessStartInfo(Program, [$"--config.file={configuration}", $"--storage.tsdb.path={Path.Combine(server.directory, "data")}", "--web.listen-address=127.0.0.1:0"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        server.process = Process.Start(start)!;
        server.process.OutputDataReceived += (_, _) => { };
        server.process.ErrorDataReceived += (_, line) =>
        {
            if (Listening().Match(line.Data ?? "") is { Success: true } match)
            {
                server.port.TrySetResult(int.Parse(match.Groups["port"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));
            }
        };
        server.process.BeginOutputReadLine();
        server.process.BeginErrorReadLine();
        try
        {
            server.Url = $"http://127.0.0.1:{await server.port.Task.WaitAsync(ProductFixture.Patience)}";
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    [GeneratedRegex(@"msg=""Listening on"" address=127\.0\.0\.1:(?<port>[1-9][0-9]*)")]
    private static partial Regex Listening();
}
