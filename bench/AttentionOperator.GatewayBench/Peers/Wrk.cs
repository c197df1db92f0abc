using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace AttentionOperator.GatewayBench.Peers;

/// <summary>wrk: as many requests as a target answers, over a fixed number of connections.</summary>
internal static partial class Wrk
{
    /// <returns>Answers per second.</returns>
    /// <exception cref="InvalidOperationException">Some answers were errors: the rate would mean nothing.</exception>
    public static async Task<double> RunAsync(PeerPrograms programs, IPEndPoint target, string path, string body, string key, int connections, TimeSpan time, string directory, CancellationToken cancellation)
    {
        var bodyFile = Path.Combine(directory, "wrk-body");
        var script = Path.Combine(directory, "wrk.lua");
        await File.WriteAllTextAsync(bodyFile, body, cancellation);
        await File.WriteAllTextAsync(script, $"""
            wrk.method = "POST"
            wrk.body = io.open("{bodyFile}"):read("*a")
            wrk.headers["Content-Type"] = "application/json"
            wrk.headers["Authorization"] = "Bearer {key}"

            """, cancellation);
        var start = new ProcessStartInfo(programs.Find("wrk"), ["-t1", $"-c{connections}", $"-d{(int)time.TotalSeconds}s", "-s", script, $"http://{target}{path}"]) { RedirectStandardOutput = true };
        foreach (var (name, value) in programs.Environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"wrk saw errors at {target}:\n{output}");
        }

        return double.Parse(Rate().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"Requests/sec:\s+([0-9.]+)")]
    private static partial Regex Rate();
}
