using System.Diagnostics;
using System.Globalization;
using AttentionOperator.Inference;

namespace AttentionOperator.InferenceBench.Decoders;

/// <summary>A new process from its start to the first token of a model whose file is in the page cache.</summary>
internal static class FirstToken
{
    public const string Argument = "--first-token";

    /// <summary>In the child: loads, computes a prompt of 16 tokens, and prints the resident memory.</summary>
    public static void Run(string directory)
    {
        using var model = ModelLoader.Load(directory);
        using var peer = new ExecutorPeer(model, 1, 64);
        peer.Prefill([Concurrency.Prompt(1, 16)]);
        using var self = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{self.WorkingSet64}"));
    }

    /// <summary>In the parent: seconds until the child has its token, and its resident bytes then.</summary>
    public static (double Seconds, long Resident) Measure(string directory)
    {
        var start = Stopwatch.GetTimestamp();
        using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [Argument, directory]) { RedirectStandardOutput = true })!;
        var line = child.StandardOutput.ReadLine();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        child.WaitForExit();
        return (seconds, long.Parse(line ?? throw new InvalidOperationException($"the child ended with {child.ExitCode}"), CultureInfo.InvariantCulture));
    }
}
