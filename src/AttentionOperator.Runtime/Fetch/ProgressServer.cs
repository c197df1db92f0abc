using System.Net;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Runtime.Http;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace AttentionOperator.Runtime.Fetch;

/// <summary>Answers <c>GET /fetch</c> with how far the fetch is, as long as it runs.</summary>
internal sealed class ProgressServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ProgressServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<ProgressServer> StartAsync(IPEndPoint listen, Func<FetchProgress> progress, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(listen);
            kestrel.Limits.MaxConcurrentConnections = 64;
            kestrel.Limits.MaxRequestBodySize = 0;
        });
        var app = builder.Build();
        app.MapGet(FetchProgress.Path, context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(progress().ToJson(), context.RequestAborted);
        });
        app.MapGet(RuntimeLayout.LivePath, AdminEndpoints.LiveAsync);
        await app.StartAsync(cancellationToken);
        return new ProgressServer(app);
    }

    public async ValueTask DisposeAsync()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(stop.Token);
        await _app.DisposeAsync();
    }
}
