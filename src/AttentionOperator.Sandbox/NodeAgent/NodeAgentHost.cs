using System.Collections.Concurrent;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Controllers;
using AttentionOperator.Sandbox.NodeAgent.Addresses;
using AttentionOperator.Sandbox.NodeAgent.Containers;
using AttentionOperator.Sandbox.NodeAgent.Faked;
using AttentionOperator.Sandbox.NodeAgent.Logs;
using AttentionOperator.Sandbox.NodeAgent.Nodes;
using AttentionOperator.Sandbox.NodeAgent.Pods;
using AttentionOperator.Sandbox.NodeAgent.Probes;
using AttentionOperator.Sandbox.NodeAgent.Processes;
using AttentionOperator.Sandbox.NodeAgent.Volumes;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Sandbox.NodeAgent;

/// <summary>All nodes of the Sandbox: their registration, their pods, and what pods share.</summary>
internal sealed class NodeAgentHost : IPodLogSource, IAsyncDisposable
{
    // Pods take the lower half of the block's third octets; the upper half is for services.
    private const int FirstPodOctet = 1;
    private const int LastPodOctet = 127;
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);
    private static readonly string[] InheritedVariables = ["PATH", "HOME", "LANG", "TMPDIR", "TZ", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_CLI_HOME", "LD_LIBRARY_PATH"];

    private readonly ConcurrentDictionary<string, (PodWorker Worker, Task Run)> _workers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PodServices> _nodes = new(StringComparer.Ordinal);
    private readonly List<NodeRegistration> _registrations = [];
    private readonly ProcessSpawner _spawner;
    private readonly HandlerRunner _handlers;
    private readonly AddressPool _addresses;
    private readonly ClusterCaches _caches;
    private readonly NodeAgentSettings _settings;
    private readonly ILogger _logger;
    private readonly LoopbackBlock _block;
    private readonly Controller<ObjectKey>? _faked;
    private readonly SharedInformer<V1ConfigMap>? _configMaps;
    private readonly SharedInformer<V1Secret>? _secrets;
    private volatile bool _stopping;

    public NodeAgentHost(
        NodeAgentSettings settings, LoopbackBlock block, InformerFactory informers, ClusterCaches caches, ClusterWriter writer, EventRecorder events,
        ILoggerFactory loggers, TimeProvider time)
    {
        _settings = settings;
        _block = block;
        _caches = caches;
        _logger = loggers.CreateLogger<NodeAgentHost>();
        _spawner = new ProcessSpawner();
        _handlers = new HandlerRunner(_spawner);
        _addresses = new AddressPool(block.Address, FirstPodOctet, LastPodOctet);
        var source = new ApiVolumeSource(writer);
        for (var i = 0; i < settings.Nodes.Count; i++)
        {
            var node = settings.Nodes[i];
            var address = block.Address(0, i + 1).ToString();
            _registrations.Add(new NodeRegistration(node, address, writer, time, _logger));
            _nodes[node.Name] = new PodServices(
                time, _spawner, _handlers, settings.Images,
                new VolumeManager(source, settings.Claims, new VolumeFiles(source), time),
                new EnvironmentBuilder(source),
                new PodApi(writer, events),
                new NodeSettings(
                    node.Name, Path.Combine(settings.Directory, "pods"), address, node.CapacityInBaseUnits, BaseEnvironment(), settings.EnforceMemoryLimits),
                _logger);
        }

        if (settings.FakedPods)
        {
            var reconciler = new FakedPodReconciler(caches, writer, _addresses, block.Address(0, 1).ToString(), time);
            _faked = new Controller<ObjectKey>(
                reconciler, new ControllerOptions { Name = "faked-pods", Workers = 16 }, loggers.CreateLogger<Controller<ObjectKey>>(), time: time);
            caches.Pods.AddHandler(e => _faked.Queue.Add(e.Key, e.Priority));
        }
        else
        {
            _configMaps = informers.Typed<V1ConfigMap>();
            _secrets = informers.Typed<V1Secret>();
            _configMaps.AddHandler(e => Refresh(V1ConfigMap.KubeKind, e.Key, e.IsInitial));
            _secrets.AddHandler(e => Refresh(V1Secret.KubeKind, e.Key, e.IsInitial));
            caches.Pods.AddHandler(OnPod);
        }
    }

    /// <summary>Processes that run now, for the tests that count them.</summary>
    public int RunningProcesses => _spawner.RunningCount;

    /// <summary>Makes the nodes known and Ready.</summary>
    public Task RegisterAsync(CancellationToken cancellationToken) => Task.WhenAll(_registrations.Select(r => r.BeatAsync(cancellationToken)));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var node in _settings.Nodes)
        {
            NodeLog.Started(_logger, node.Name, _block.SecondOctet);
        }

        var runs = _registrations.Select(r => r.RunAsync(cancellationToken)).ToList();
        if (_faked is not null)
        {
            runs.Add(_faked.RunAsync(cancellationToken));
        }

        if (_configMaps is not null)
        {
            runs.Add(_configMaps.RunAsync(cancellationToken));
            runs.Add(_secrets!.RunAsync(cancellationToken));
        }

        await Task.WhenAll(runs).ConfigureAwait(false);
    }

    public async Task<bool> CopyLogAsync(PodLogQuery query, Stream output, CancellationToken cancellation)
    {
        var supervisor = _caches.Pods.Get(new ObjectKey(query.Namespace, query.Pod)) is { } pod && _workers.TryGetValue(pod.Metadata.Uid, out var worker)
            ? worker.Worker.Container(query.Container)
            : null;
        if ((query.Previous ? supervisor?.PreviousLog : supervisor?.CurrentLog) is not { } log)
        {
            return false;
        }

        var options = new PodLogOptions
        {
            Follow = query.Follow,
            Timestamps = query.Timestamps,
            TailLines = query.TailLines,
            LimitBytes = query.LimitBytes,
            Since = query.Since,
        };
        await LogReader.CopyAsync(log, options, output, cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>Stops all pods in order; their objects stay.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        foreach (var (worker, _) in _workers.Values)
        {
            worker.Detach(StopGrace);
        }

        await Task.WhenAll(_workers.Values.Select(w => w.Run)).ConfigureAwait(false);
        _faked?.Dispose();
        _handlers.Dispose();
        _spawner.Dispose();
    }

    private void OnPod(InformerEvent<V1Pod> change)
    {
        var pod = change.Object;
        var uid = pod.Metadata.Uid;
        if (_stopping || pod.Spec.NodeName is not { Length: > 0 } name || !_nodes.TryGetValue(name, out var services))
        {
            return;
        }

        if (change.Kind == InformerEventKind.Deleted)
        {
            if (_workers.TryGetValue(uid, out var gone))
            {
                gone.Worker.Removed();
            }
        }
        else if (_workers.TryGetValue(uid, out var known))
        {
            known.Worker.Update(pod);
        }
        else
        {
            Start(pod, services);
        }
    }

    private void Start(V1Pod pod, PodServices services)
    {
        var address = _addresses.Acquire(pod.Metadata.Uid).ToString();
        var worker = new PodWorker(pod, address, PodEnvironment(pod), services);
        var run = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _workers[pod.Metadata.Uid] = (worker, run.Task);
        _ = Task.Run(async () =>
        {
            await RunWorkerAsync(worker).ConfigureAwait(false);
            run.SetResult();
        });
    }

    private async Task RunWorkerAsync(PodWorker worker)
    {
        var meta = worker.Pod.Metadata;
        try
        {
            await worker.RunAsync().ConfigureAwait(false);
            if (!_stopping)
            {
                worker.Clean();
            }
        }
#pragma warning disable CA1031 // One pod's error must not reach the others.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            NodeLog.PodFailed(_logger, exception, meta.NamespaceProperty, meta.Name);
        }
        finally
        {
            _addresses.Release(meta.Uid);
            if (!_stopping)
            {
                _workers.TryRemove(meta.Uid, out _);
            }

            worker.Dispose();
        }
    }

    private void Refresh(string kind, ObjectKey key, bool isInitial)
    {
        if (isInitial || _stopping)
        {
            return;
        }

        foreach (var (worker, _) in _workers.Values.Where(w =>
            w.Worker.Pod.Metadata.NamespaceProperty == key.Namespace && VolumeManager.Follows(w.Worker.Pod, kind, key.Name)))
        {
            _ = RefreshAsync(worker);
        }
    }

    private async Task RefreshAsync(PodWorker worker)
    {
        try
        {
            await worker.RefreshVolumesAsync(CancellationToken.None).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The volume stays as it was; the next change tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            NodeLog.RefreshFailed(_logger, exception, worker.Pod.Metadata.NamespaceProperty, worker.Pod.Metadata.Name);
        }
    }

    private Dictionary<string, string> PodEnvironment(V1Pod pod)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        if (_settings.KubeConfig is { } kubeConfig && pod.Spec.AutomountServiceAccountToken != false)
        {
            environment["KUBECONFIG"] = kubeConfig;
        }

        return environment;
    }

    private static Dictionary<string, string> BaseEnvironment() => InheritedVariables
        .Select(name => (name, value: Environment.GetEnvironmentVariable(name)))
        .Where(v => v.value is not null)
        .ToDictionary(v => v.name, v => v.value!, StringComparer.Ordinal);
}
