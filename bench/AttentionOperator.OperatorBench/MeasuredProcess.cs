using System.Diagnostics;
using System.Globalization;

namespace AttentionOperator.OperatorBench;

/// <summary>A process of the product, with what it uses. It ends when this object is disposed.</summary>
internal sealed class MeasuredProcess : IDisposable
{
    private readonly Process process;

    public MeasuredProcess(string executable, IReadOnlyList<string> arguments)
    {
        process = Process.Start(new ProcessStartInfo(executable, arguments) { RedirectStandardInput = true, UseShellExecute = false })
            ?? throw new InvalidOperationException($"{executable} did not start.");
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public bool HasExited => process.HasExited;

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
