using System.Diagnostics;
using System.Globalization;

namespace AttentionOperator.Bench.Results;

/// <summary>A process of the product, with what it uses. It ends when this object is disposed.</summary>
public sealed class MeasuredProcess : IDisposable
{
    private readonly Process process;

    /// <param name="executable">Path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables on top of this process's own.</param>
    /// <param name="output">File that gets standard output, as a container's log does; null leaves it with this process's.</param>
    public MeasuredProcess(string executable, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? output = null)
    {
        // The shell replaces itself by the program, so that what is measured is the program.
        var start = output is null
            ? new ProcessStartInfo(executable, arguments)
            : new ProcessStartInfo("/bin/sh", ["-c", "out=$1; shift; exec \"$@\" > \"$out\"", "sh", output, executable, .. arguments]);
        start.RedirectStandardInput = true;
        start.UseShellExecute = false;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        process = Process.Start(start) ?? throw new InvalidOperationException($"{executable} did not start.");
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public bool HasExited => process.HasExited;

    public int Id => process.Id;

    /// <summary>User and system time.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory, MiB.</summary>
    public double ResidentMiB => Status("VmRSS");

    /// <summary>The most that was resident at once, MiB.</summary>
    public double PeakResidentMiB => Status("VmHWM");

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Kill();
        process.Dispose();
    }

    private double Status(string field)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(l => l.StartsWith(field + ":", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }

    private void OnExit(object? sender, EventArgs e) => Kill();

    private void Kill()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
    }
}
