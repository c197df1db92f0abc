using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace AttentionOperator.Kube.Tests.Support;

/// <summary>One open watch connection of <see cref="ApiServer"/>.</summary>
internal sealed class ApiWatcher(string collection, HttpContext context)
{
    private readonly Channel<string?> lines = Channel.CreateUnbounded<string?>();

    public string Collection { get; } = collection;

    /// <summary>Swallows everything that is sent, as a connection does whose other end has vanished.</summary>
    public bool Silent { get; set; }

    public void Send(string line)
    {
        if (!Silent)
        {
            lines.Writer.TryWrite(line);
        }
    }

    /// <summary>Ends the response as a server does whose time is up.</summary>
    public void Close() => lines.Writer.TryComplete();

    /// <summary>Breaks the connection off.</summary>
    public void Abort()
    {
        try
        {
            context.Abort();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself in the meantime.
        }
    }

    public async Task RunAsync()
    {
        await context.Response.Body.FlushAsync(context.RequestAborted);
        try
        {
            await foreach (string? line in lines.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync(line + "\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The client went away.
        }
    }
}
