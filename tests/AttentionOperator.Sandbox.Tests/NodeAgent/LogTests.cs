using System.Text;
using AttentionOperator.Sandbox.NodeAgent.Logs;
using AttentionOperator.Sandbox.NodeAgent.Processes;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

public sealed class LogTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("log-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Copy_GivesLinesWithoutTheirFraming()
    {
        using var log = Log();
        log.Append(OutputChannel.Output, "one");
        log.Append(OutputChannel.Error, "two words");

        Assert.Equal("one\ntwo words\n", await ReadAsync(log, new PodLogOptions()));
        Assert.Equal("two words\n", await ReadAsync(log, new PodLogOptions { TailLines = 1 }));
        Assert.Equal("one\ntw", await ReadAsync(log, new PodLogOptions { LimitBytes = 6 }));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z one\n", await ReadAsync(log, new PodLogOptions { Timestamps = true }));
        Assert.Empty(await ReadAsync(log, new PodLogOptions { Since = DateTimeOffset.UtcNow.AddHours(1) }));
    }

    [Fact]
    public async Task Append_PastTheLimit_KeepsAtMostTwoFiles()
    {
        using var log = Log(maximumBytes: 1000);
        for (var i = 0; i < 200; i++)
        {
            log.Append(OutputChannel.Output, $"line {i}");
        }

        Assert.Equal(2, Directory.GetFiles(_directory).Length);
        Assert.All(Directory.GetFiles(_directory), f => Assert.InRange(new FileInfo(f).Length, 1, 1000));
        Assert.EndsWith("line 198\nline 199\n", await ReadAsync(log, new PodLogOptions()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Follow_GivesNewLinesAndEndsWithTheRun()
    {
        using var log = Log(maximumBytes: 4000);
        log.Append(OutputChannel.Output, "before");
        using var output = new MemoryStream();
        var reading = LogReader.CopyAsync(log, new PodLogOptions { Follow = true }, output, CancellationToken.None);
        for (var i = 0; i < 20; i++)
        {
            log.Append(OutputChannel.Output, $"line {i}");
        }

        log.Dispose();
        await reading.WaitAsync(TimeSpan.FromSeconds(60));

        var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["before", .. Enumerable.Range(0, 20).Select(i => $"line {i}")], lines);
    }

    private ContainerLog Log(long maximumBytes = ContainerLog.DefaultMaximumBytes) => new(Path.Combine(_directory, "0.log"), TimeProvider.System, maximumBytes);

    private static async Task<string> ReadAsync(ContainerLog log, PodLogOptions options)
    {
        using var output = new MemoryStream();
        await LogReader.CopyAsync(log, options, output, CancellationToken.None);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
