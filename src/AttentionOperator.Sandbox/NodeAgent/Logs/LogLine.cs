using System.Globalization;

namespace AttentionOperator.Sandbox.NodeAgent.Logs;

/// <summary>A line of a container log, parted into its time and its text.</summary>
internal readonly record struct LogLine(string Stamp, string Text)
{
    public static LogLine? Parse(string line)
    {
        var afterStamp = line.IndexOf(' ', StringComparison.Ordinal);
        var afterStream = afterStamp < 0 ? -1 : line.IndexOf(' ', afterStamp + 1);
        var afterTag = afterStream < 0 ? -1 : line.IndexOf(' ', afterStream + 1);
        return afterTag < 0 ? null : new LogLine(line[..afterStamp], line[(afterTag + 1)..]);
    }

    public DateTimeOffset Time =>
        DateTimeOffset.TryParse(Stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : DateTimeOffset.MinValue;
}
