using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AttentionOperator.Runtime.Tests;

/// <summary>Files over HTTP with ranges, and faults that a test chooses.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private FileServer(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Requests for contents so far.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Handles a request itself (true), by its number from 1.</summary>
    public Func<HttpContext, int, Task<bool>>? Fault { get; set; }

    public bool Ranges { get; set; } = true;

    public static async Task<FileServer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var server = new FileServer(builder.Build());
        server._app.Run(server.ServeAsync);
        await server._app.StartAsync();
        server.Address = new Uri(server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        var number = Interlocked.Increment(ref _requests);
        if (Fault is not null && await Fault(context, number)) return;
        if (!Files.TryGetValue(context.Request.Path.Value!, out var bytes))
        {
            context.Response.StatusCode = 404;
            return;
        }

        var (from, to) = (0L, bytes.Length - 1L);
        if (Ranges && context.Request.GetTypedHeaders().Range?.Ranges.FirstOrDefault() is { From: { } start } range)
        {
            (from, to) = (start, Math.Min(range.To ?? to, to));
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{to}/{bytes.Length}";
        }

        context.Response.ContentLength = to - from + 1;
        await context.Response.Body.WriteAsync(bytes.AsMemory((int)from, (int)(to - from + 1)));
    }
}
