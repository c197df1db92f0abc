using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace AttentionOperator.InferenceBench.Peers;

/// <summary>llama-bench as bench/peers/install-llama-cpp.sh installs it, one process per turn.</summary>
internal sealed class LlamaCpp
{
    private readonly string _program;

    private LlamaCpp(string program) => _program = program;

    /// <summary>Null where it is not installed.</summary>
    public static LlamaCpp? Find(string root)
    {
        var program = Path.Combine(root, "bench", "peers", "installed", "llama.cpp", "llama-bench");
        return File.Exists(program) ? new LlamaCpp(program) : null;
    }

    /// <summary>Tokens per second of <paramref name="tokens"/> greedy steps after a prompt of <paramref name="depth"/> tokens.</summary>
    public double Decode(string model, int threads, int depth, int tokens) => Run(model, threads, "-p", "0", "-n", Number(tokens), "-d", Number(depth));

    /// <summary>Tokens per second of one prompt.</summary>
    public double Prefill(string model, int threads, int tokens) => Run(model, threads, "-p", Number(tokens), "-n", "0");

    private double Run(string model, int threads, params string[] test)
    {
        // The cores that OpenMP's threads would spin on between two products are the ones that the others are measured on.
        var start = new ProcessStartInfo(_program, ["-m", model, "-t", Number(threads), "-r", "1", "-o", "json", .. test]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{_program} ended with {process.ExitCode}: {errors.Result}");
        using var json = JsonDocument.Parse(text);
        return json.RootElement[0].GetProperty("avg_ts").GetDouble();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
