using System.Globalization;
using System.Runtime.InteropServices;

namespace AttentionOperator.Bench.Results;

/// <summary>What a figure was measured on, and how busy that was.</summary>
/// <param name="Processor">Model name.</param>
/// <param name="Cores">Logical processors.</param>
/// <param name="MemoryGiB">Memory in GiB.</param>
/// <param name="System">Operating system.</param>
/// <param name="Runtime">.NET version.</param>
/// <param name="LoadAverage">One-minute load average when the report was written; above the number of cores, read ratios and not absolutes.</param>
public sealed record MachineDescription(string Processor, int Cores, double MemoryGiB, string System, string Runtime, double LoadAverage)
{
    public static MachineDescription Read() => new(
        Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30), 1),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        File.Exists("/proc/loadavg") ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) : 0);

    private static string? Field(string file, string name) => File.Exists(file)
        ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
        : null;
}
