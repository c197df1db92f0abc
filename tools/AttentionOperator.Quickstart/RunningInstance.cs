using System.Globalization;

namespace AttentionOperator.Quickstart;

/// <summary>Finds an earlier quickstart of this checkout that still runs.</summary>
internal static class RunningInstance
{
    /// <summary>Its process id; null where none runs. A process that took over the id of a dead one is not mistaken for it.</summary>
    public static int? Find(string pidFile)
    {
        if (!File.Exists(pidFile) || !int.TryParse(File.ReadAllText(pidFile).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return null;
        var commandLine = $"/proc/{id}/cmdline";
        try
        {
            return id != Environment.ProcessId && File.Exists(commandLine) && File.ReadAllText(commandLine).Contains("attention-quickstart", StringComparison.Ordinal) ? id : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
