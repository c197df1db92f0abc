using System.Diagnostics;
using AttentionOperator.Sandbox.NodeAgent.Processes;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

public sealed class ProcessSupervisionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Dictionary<string, string> Environment = new() { ["PATH"] = System.Environment.GetEnvironmentVariable("PATH")! };

    [Fact]
    public async Task Exit_KillsWhatTheProcessLeavesBehind()
    {
        using var spawner = new ProcessSpawner();
        var child = new TaskCompletionSource<int>();
        var process = await spawner.StartAsync(Shell("sleep 600 & echo $!; exit 5"), (_, line) => child.TrySetResult(int.Parse(line, System.Globalization.CultureInfo.InvariantCulture)));

        Assert.Equal(5, await process.Exit.WaitAsync(Patience));

        await WaitUntilGoneAsync(await child.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task KillGroup_IsSeenAsSignalNine()
    {
        using var spawner = new ProcessSpawner();
        var process = await spawner.StartAsync(Shell("sleep 600"), (_, _) => { });

        process.KillGroup();

        Assert.Equal(137, await process.Exit.WaitAsync(Patience));
    }

    [Fact]
    public async Task Watchdog_WhenItsInputCloses_KillsTheGroups()
    {
        using var watchdog = new GroupWatchdog();
        using var group = Process.Start(new ProcessStartInfo("setsid", ["sleep", "600"]) { UseShellExecute = false })!;
        await WaitForSessionAsync(group.Id);
        watchdog.Add(group.Id);

        watchdog.Dispose();

        await group.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(137, group.ExitCode);
    }

    private static ProcessSpecification Shell(string script) => new("sh", ["-c", script], Environment, "/");

    private static async Task WaitForSessionAsync(int id)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!UnixSignal.SendToGroup(id, 0))
        {
            await Task.Delay(5, limit.Token);
        }
    }

    private static async Task WaitUntilGoneAsync(int id)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (IsRunning(id))
        {
            await Task.Delay(5, limit.Token);
        }
    }

    private static bool IsRunning(int id)
    {
        try
        {
            return !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
