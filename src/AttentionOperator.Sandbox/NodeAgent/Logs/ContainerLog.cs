using System.Globalization;
using System.Text;
using AttentionOperator.Sandbox.NodeAgent.Processes;

namespace AttentionOperator.Sandbox.NodeAgent.Logs;

/// <summary>
/// One run of a container: its lines with time and stream in the format that container runtimes write
/// (<c>2026-01-02T03:04:05.000000000Z stdout F text</c>), in at most two files of bounded size.
/// </summary>
internal sealed class ContainerLog : IDisposable
{
    public const long DefaultMaximumBytes = 10 * 1024 * 1024;
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly long _maximumBytes;
    private FileStream _file;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;

    public ContainerLog(string path, TimeProvider time, long maximumBytes = DefaultMaximumBytes)
    {
        Path = path;
        _time = time;
        _maximumBytes = maximumBytes;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        _file = Open();
    }

    public string Path { get; }

    /// <summary>The file that was full before the present one.</summary>
    public string RotatedPath => Path + ".1";

    /// <summary>How often the files have been rotated: a reader that sees it change starts over with the new file.</summary>
    public int Rotations { get; private set; }

    public bool Ended
    {
        get
        {
            lock (_gate)
            {
                return _ended;
            }
        }
    }

    /// <summary>Completes at the next line or at the end of the run.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
            {
                return _ended ? Task.CompletedTask : _changed.Task;
            }
        }
    }

    public void Append(OutputChannel channel, string line)
    {
        var stamp = _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);
        var bytes = Encoding.UTF8.GetBytes($"{stamp} {(channel == OutputChannel.Output ? "stdout" : "stderr")} F {line}\n");
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            if (_file.Length > 0 && _file.Length + bytes.Length > _maximumBytes)
            {
                _file.Dispose();
                File.Move(Path, RotatedPath, overwrite: true);
                _file = Open();
                Rotations++;
            }

            _file.Write(bytes);
            _file.Flush();
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }

    /// <summary>The run is over: nothing more is written, and readers that follow stop.</summary>
    public void Dispose()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
            _file.Dispose();
            changed = _changed;
        }

        changed.TrySetResult();
    }

    private FileStream Open() =>
        new(Path, new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
}
