using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Controllers;
using AttentionOperator.Sandbox.Manifests;
using AttentionOperator.Sandbox.Networking;
using AttentionOperator.Sandbox.NodeAgent;
using AttentionOperator.Sandbox.NodeAgent.Addresses;
using AttentionOperator.Sandbox.NodeAgent.Images;
using AttentionOperator.Sandbox.NodeAgent.Volumes;
using AttentionOperator.Sandbox.Scheduling;
using k8s;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Sandbox.Hosting;

/// <summary>A whole cluster in one process: API server, controllers, scheduler and nodes. The latter three are ordinary clients of the first.</summary>
internal sealed class SandboxHost : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly LoopbackBlock _block;
    private readonly SandboxApiServer _server;
    private readonly KubeConnection _connection;
    private readonly ControllerManager _controllers;
    private readonly Scheduler _scheduler;
    private readonly NodeAgentHost _nodes;
    private readonly ServiceProxy _proxy;
    private readonly string? _temporary;
    private readonly List<Task> _runs = [];

    private SandboxHost(
        SandboxSettings settings, string directory, string? temporary, LoopbackBlock block, SandboxApiServer server, string kubeConfig, ILoggerFactory loggers, TimeProvider time)
    {
        _temporary = temporary;
        _block = block;
        _server = server;
        KubeConfig = kubeConfig;
        // The Sandbox is one machine: its own controllers need no protection from each other.
        var options = new KubeConnectionOptions { KubeConfig = kubeConfig, QueriesPerSecond = 0, UserAgent = "attention-sandbox" };
        _connection = KubeConnection.Create(options, time: time);
        Caches = new ClusterCaches(_connection, loggers, time);
        var writer = new ClusterWriter(_connection, "attention-sandbox");
        var events = new EventRecorder(writer, time, loggers.CreateLogger<EventRecorder>());
        var claims = new ClaimDirectories(settings.Volumes);
        var controllerSettings = new ControllerSettings(settings.AutoscalerInterval, RootCertificate: null);
        _controllers = new ControllerManager(_connection, Caches, writer, events, controllerSettings, loggers, time);
        _scheduler = new Scheduler(Caches, writer, events, claims, time, loggers.CreateLogger<Scheduler>());
        var nodeSettings = new NodeAgentSettings(
            settings.Nodes, Path.Combine(directory, "kubelet"), Images(settings), claims, kubeConfig, settings.FakedPods, settings.EnforceMemoryLimits);
        _nodes = new NodeAgentHost(nodeSettings, block, new InformerFactory(_connection, loggers, null, time), Caches, writer, events, loggers, time);
        server.Options.PodLogs = _nodes;
        server.Services.Context.Admission.Plugins.Add(new ServiceAddressPlugin(block, Random.Shared));
        server.Services.Context.Admission.Plugins.Add(new PriorityPlugin(server.Services.Context.Store));
        _proxy = new ServiceProxy(Caches, loggers, time);
        Manifests = new ManifestApplier(_connection, writer.Api, time);
        _runs.Add(events.RunAsync(_stop.Token));
    }

    public Uri Uri => _server.Uri;

    public string KubeConfig { get; }

    public ClusterCaches Caches { get; }

    public ManifestApplier Manifests { get; }

    public int RunningProcesses => _nodes.RunningProcesses;

    /// <summary>Starts all parts and returns when the caches are filled and the nodes are there; manifests are applied afterwards.</summary>
    public static async Task<SandboxHost> StartAsync(SandboxSettings settings, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var temporary = settings.DataDirectory is null ? Directory.CreateTempSubdirectory("attention-sandbox-").FullName : null;
        var directory = Path.GetFullPath(settings.DataDirectory ?? temporary!);
        Directory.CreateDirectory(directory);
        var block = LoopbackBlock.Claim();
        var server = await SandboxApiServer.StartAsync(
            new SandboxApiServerOptions
            {
                Port = settings.Port,
                DataDirectory = settings.DataDirectory is null ? null : Path.Combine(directory, "store"),
                Clock = time,
            },
            cancellationToken).ConfigureAwait(false);
        var kubeConfig = Path.GetFullPath(settings.KubeConfig ?? Path.Combine(directory, "kubeconfig"));
        Directory.CreateDirectory(Path.GetDirectoryName(kubeConfig)!);
        await File.WriteAllTextAsync(kubeConfig, server.KubeConfig, cancellationToken).ConfigureAwait(false);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(kubeConfig, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var host = new SandboxHost(settings, directory, temporary, block, server, kubeConfig, loggers, time);
        try
        {
            await host.RunAsync(settings, cancellationToken).ConfigureAwait(false);
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Pods go first, while the API still answers them; then what watches it; the API server last.
        await _nodes.DisposeAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_runs).ConfigureAwait(false);
        _controllers.Dispose();
        _scheduler.Dispose();
        await _proxy.DisposeAsync().ConfigureAwait(false);
        _connection.Dispose();
        await _server.DisposeAsync().ConfigureAwait(false);
        _block.Dispose();
        _stop.Dispose();
        if (_temporary is not null)
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }

    private async Task RunAsync(SandboxSettings settings, CancellationToken cancellationToken)
    {
        _runs.Add(Caches.RunAsync(_stop.Token));
        await Caches.WaitForSyncAsync(cancellationToken).ConfigureAwait(false);
        _runs.Add(_controllers.RunAsync(_stop.Token));
        _runs.Add(_scheduler.RunAsync(_stop.Token));
        _runs.Add(_proxy.RunAsync(_stop.Token));
        await _nodes.RegisterAsync(cancellationToken).ConfigureAwait(false);
        _runs.Add(_nodes.RunAsync(_stop.Token));
        await Manifests.ApplyAsync(settings.Manifests, cancellationToken).ConfigureAwait(false);
    }

    private static ImageMap Images(SandboxSettings settings)
    {
        var images = new Dictionary<string, IReadOnlyList<string>>(HostImages.All, StringComparer.Ordinal);
        foreach (var (name, command) in ProductImages.Find(AppContext.BaseDirectory).Concat(settings.Images))
        {
            images[name] = command;
        }

        return new ImageMap(images);
    }
}
