using System.Text;

namespace AttentionOperator.Sandbox.NodeAgent.Logs;

/// <summary>Reads one run's log as <c>kubectl logs</c> asks for it.</summary>
internal static class LogReader
{
    public static async Task CopyAsync(ContainerLog log, PodLogOptions options, Stream destination, CancellationToken cancellationToken)
    {
        var budget = options.LimitBytes ?? long.MaxValue;
        var rotations = log.Rotations;
        var reader = Open(log.Path);
        try
        {
            var stored = Stored(log, reader, out var incomplete);
            foreach (var line in Tail(stored, options))
            {
                budget = await WriteAsync(line, options, budget, destination, cancellationToken).ConfigureAwait(false);
            }

            await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
            var pending = new StringBuilder(incomplete);
            while (options.Follow && budget > 0)
            {
                var changed = log.Changed;
                var ended = log.Ended;
                var wrote = false;
                while (NextLine(reader, pending) is { } text)
                {
                    wrote = true;
                    if (LogLine.Parse(text) is { } line)
                    {
                        budget = await WriteAsync(line, options, budget, destination, cancellationToken).ConfigureAwait(false);
                    }
                }

                if (wrote)
                {
                    await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
                }

                if (log.Rotations != rotations)
                {
                    rotations = log.Rotations;
                    reader.Dispose();
                    reader = Open(log.Path);
                    pending.Clear();
                    continue;
                }

                if (ended)
                {
                    break;
                }

                await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            reader.Dispose();
        }
    }

    private static List<LogLine> Stored(ContainerLog log, StreamReader reader, out string incomplete)
    {
        var lines = new List<LogLine>();
        if (File.Exists(log.RotatedPath))
        {
            using var rotated = Open(log.RotatedPath);
            Read(rotated, new StringBuilder(), lines);
        }

        var pending = new StringBuilder();
        Read(reader, pending, lines);
        incomplete = pending.ToString();
        return lines;
    }

    private static void Read(StreamReader reader, StringBuilder pending, List<LogLine> lines)
    {
        while (NextLine(reader, pending) is { } text)
        {
            if (LogLine.Parse(text) is { } line)
            {
                lines.Add(line);
            }
        }
    }

    private static IEnumerable<LogLine> Tail(List<LogLine> lines, PodLogOptions options)
    {
        IEnumerable<LogLine> selected = options.Since is { } since ? lines.Where(l => l.Time >= since) : lines;
        return options.TailLines is { } tail ? selected.TakeLast(tail) : selected;
    }

    // A line counts only once its end has been written; what came before it is kept for the next call.
    private static string? NextLine(StreamReader reader, StringBuilder pending)
    {
        int next;
        while ((next = reader.Read()) >= 0)
        {
            if (next == '\n')
            {
                var line = pending.ToString();
                pending.Clear();
                return line;
            }

            pending.Append((char)next);
        }

        return null;
    }

    private static async Task<long> WriteAsync(LogLine line, PodLogOptions options, long budget, Stream destination, CancellationToken cancellationToken)
    {
        if (budget <= 0)
        {
            return 0;
        }

        var bytes = Encoding.UTF8.GetBytes((options.Timestamps ? line.Stamp + " " : string.Empty) + line.Text + "\n");
        var count = (int)Math.Min(budget, bytes.Length);
        await destination.WriteAsync(bytes.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        return budget - count;
    }

    private static StreamReader Open(string path) =>
        new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), Encoding.UTF8);
}
