using System.Diagnostics;

namespace AttentionOperator.Packaging.Tests;

/// <summary>A command-line program that users install with.</summary>
internal sealed class Tool(string path, IReadOnlyDictionary<string, string>? environment = null)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly string[] Directories = [Repository.PathOf("artifacts", "tools"), .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')];

    /// <summary>Looks among the project's tools, then on the path; a test without the program is skipped with what to do.</summary>
    public static Tool Find(string name, IReadOnlyDictionary<string, string>? environment = null)
    {
        var path = Directories.Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{name} is not here; build/kubectl.sh fetches kubectl and helm, Debian's package prometheus has promtool");
        return new Tool(path!, environment);
    }

    public async Task<CommandResult> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.Root };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        return new CommandResult(process.ExitCode, await output, await errors);
    }
}
