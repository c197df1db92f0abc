using System.Globalization;

namespace AttentionOperator.Quickstart;

/// <summary>Resident memory of the processes below one process, by program name, from <c>/proc</c>.</summary>
internal static class ProcessTree
{
    /// <returns>Program name → MiB of its largest process.</returns>
    public static IReadOnlyDictionary<string, double> ResidentMiB(int root)
    {
        var processes = Directory.EnumerateDirectories("/proc")
            .Select(d => int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out var id) ? Read(id) : null)
            .OfType<Entry>()
            .ToList();
        var wanted = new HashSet<int> { root };
        int before;
        do
        {
            before = wanted.Count;
            wanted.UnionWith(processes.Where(p => wanted.Contains(p.Parent)).Select(p => p.Id));
        }
        while (wanted.Count > before);
        return processes.Where(p => wanted.Contains(p.Id)).GroupBy(p => p.Program, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Max(p => p.MiB), StringComparer.Ordinal);
    }

    private static Entry? Read(int id)
    {
        try
        {
            var status = File.ReadAllLines($"/proc/{id}/status").Select(l => l.Split(':', 2)).ToDictionary(l => l[0], l => l[1].Trim(), StringComparer.Ordinal);
            var program = Path.GetFileName(File.ReadAllText($"/proc/{id}/cmdline").Split('\0')[0]);
            var kilobytes = status.TryGetValue("VmRSS", out var resident) ? double.Parse(resident.Split(' ')[0], CultureInfo.InvariantCulture) : 0;
            return new Entry(id, int.Parse(status["PPid"], CultureInfo.InvariantCulture), program, kilobytes / 1024);
        }
        catch (IOException)
        {
            // It ended while it was being read.
            return null;
        }
    }

    private sealed record Entry(int Id, int Parent, string Program, double MiB);
}
