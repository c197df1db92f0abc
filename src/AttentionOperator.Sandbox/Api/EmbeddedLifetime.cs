namespace AttentionOperator.Sandbox.Api;

/// <summary>Leaves signals to the process that embeds the server; the default lifetime would swallow Ctrl-C and SIGTERM.</summary>
internal sealed class EmbeddedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
