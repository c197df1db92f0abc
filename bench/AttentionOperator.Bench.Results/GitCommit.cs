using System.Diagnostics;

namespace AttentionOperator.Bench.Results;

internal static class GitCommit
{
    public static string Read(string root)
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", root, "describe", "--always", "--dirty"]) { RedirectStandardOutput = true, RedirectStandardError = true });
        if (git is null) return "unknown";
        var commit = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        return git.ExitCode == 0 ? commit : "unknown";
    }
}
