using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Kube.Tests.Support;

internal static class ClockExtensions
{
    /// <summary>Moves the clock in steps until the task is done, letting the continuations of each step run in between.</summary>
    public static async Task AdvanceUntilAsync(this FakeTimeProvider clock, Task task, TimeSpan step)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!task.IsCompleted)
        {
            patience.Token.ThrowIfCancellationRequested();
            clock.Advance(step);
            await Task.WhenAny(task, Task.Delay(2, patience.Token));
        }

        await task;
    }
}
