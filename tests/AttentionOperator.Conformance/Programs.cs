using System.Diagnostics;

namespace AttentionOperator.Conformance;

/// <summary>The real kubectl and helm, where build/kubectl.sh has put them.</summary>
internal static class Programs
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>The checkout.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The program's path; skips the test where it is missing.</summary>
    public static string Find(string name)
    {
        var path = Path.Combine(Root, "artifacts", "tools", name);
        if (!File.Exists(path)) Assert.Skip($"{name} is not installed; build/kubectl.sh does it.");
        return path;
    }

    public static Process Start(Cluster cluster, string ns, string program, IEnumerable<string> arguments, string? editor = null)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = cluster.KubeConfigPath;
        if (editor is not null) start.Environment["KUBE_EDITOR"] = editor;
        start.ArgumentList.Add("--namespace");
        start.ArgumentList.Add(ns);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>What the program writes; it must end with 0.</summary>
    public static async Task<string> RunAsync(Cluster cluster, string ns, string program, params string[] arguments)
    {
        var (code, output) = await EndAsync(Start(cluster, ns, program, arguments));
        Assert.True(code == 0, $"{Path.GetFileName(program)} {string.Join(' ', arguments)} ended with {code}: {output}");
        return output;
    }

    /// <summary>Exit code, and what was written: standard output, or errors where there is none.</summary>
    public static async Task<(int Code, string Output)> EndAsync(Process process)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, process.ExitCode == 0 ? await output : await output + await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            process.Dispose();
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AttentionOperator.sln"))) folder = folder.Parent;
        return folder?.FullName ?? AppContext.BaseDirectory;
    }
}
