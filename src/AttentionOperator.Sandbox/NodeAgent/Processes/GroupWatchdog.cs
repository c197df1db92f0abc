using System.Diagnostics;

namespace AttentionOperator.Sandbox.NodeAgent.Processes;

/// <summary>
/// A shell that knows every process group the Sandbox has started and kills them all when its standard input closes, which the kernel does
/// for it however the Sandbox ends. The parent-death signal covers only direct children; this covers what they started.
/// </summary>
internal sealed class GroupWatchdog : IDisposable
{
    private const string Script =
        """
        trap '' INT TERM HUP
        groups=' '
        while read -r verb id; do
          case $verb in
            add) groups="$groups$id " ;;
            remove)
              kept=' '
              for group in $groups; do [ "$group" = "$id" ] || kept="$kept$group "; done
              groups=$kept ;;
          esac
        done
        for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
        exit 0
        """;

    private readonly Lock _gate = new();
    private readonly Process _shell;
    private bool _disposed;

    public GroupWatchdog()
    {
        var start = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        _shell = Process.Start(start) ?? throw new InvalidOperationException("The process watchdog did not start: 'setsid' and 'sh' are needed.");
    }

    public int ProcessId => _shell.Id;

    public void Add(int groupId) => Write($"add {groupId}");

    public void Remove(int groupId) => Write($"remove {groupId}");

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _shell.StandardInput.Close();
        }

        _shell.WaitForExit();
        _shell.Dispose();
    }

    private void Write(string line)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _shell.StandardInput.Write(line + "\n");
            _shell.StandardInput.Flush();
        }
    }
}
