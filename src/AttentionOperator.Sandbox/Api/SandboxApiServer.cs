using System.Net;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Faults;
using AttentionOperator.Sandbox.Operations;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Api;

/// <summary>The Sandbox's Kubernetes API server: one Kestrel listener over one store.</summary>
public sealed class SandboxApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ApiServices _services;
    private readonly Task _probing;

    private SandboxApiServer(WebApplication app, ApiServices services, SandboxApiServerOptions options, Task probing)
    {
        _app = app;
        _services = services;
        _probing = probing;
        Options = options;
        Uri = new Uri(app.Urls.First());
    }

    public SandboxApiServerOptions Options { get; }

    /// <summary>Base address, as in the kubeconfig.</summary>
    public Uri Uri { get; }

    /// <summary>A kubeconfig (YAML) of the administrator.</summary>
    public string KubeConfig => KubeConfigFile.Render(Uri, Options.Token, Options.Certificate);

    /// <summary>The same operations without HTTP, for parts of the same process.</summary>
    public IResourceStore Resources => _services.Resources;

    /// <summary>Faults to inject into the requests of tests.</summary>
    public FaultInjector Faults => _services.Faults;

    internal ApiServices Services => _services;

    public static async Task<SandboxApiServer> StartAsync(SandboxApiServerOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new SandboxApiServerOptions();
        if (!IPAddress.IsLoopback(options.Address))
            throw new ArgumentException($"Address is {options.Address}; the Sandbox listens on loopback addresses (127.0.0.0/8, ::1) only.", nameof(options));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 4 * 1024 * 1024;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(options.Address, options.Port, listen =>
            {
                if (options.Certificate is { } certificate) listen.UseHttps(certificate);
            });
        });
        // Watches end at once when the server stops; nothing is worth waiting for.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        var app = builder.Build();
        var services = await ApiServices.CreateAsync(options).ConfigureAwait(false);
        app.Run(new ApiPipeline(services, options).InvokeAsync);
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            await services.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return new SandboxApiServer(app, services, options, services.Probes.RunAsync(services.Stopping.Token));
    }

    /// <summary>Forgets the history of changes: watches and pages from older versions get 410.</summary>
    public void Compact() => _services.Context.Store.Compact();

    /// <summary>Breaks every running watch, as a restart of the server or of a proxy before it does.</summary>
    public void DropWatches() => _services.Context.Store.EndWatches();

    public async ValueTask DisposeAsync()
    {
        _services.Stopping.Cancel();
        await _probing.ConfigureAwait(false);
        await _services.DisposeAsync().ConfigureAwait(false);
        await _app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }
}
