using System.ComponentModel;
using AttentionOperator.Kube.Client;
using AttentionOperator.Sandbox.NodeAgent.Containers;
using AttentionOperator.Sandbox.NodeAgent.Logs;
using AttentionOperator.Sandbox.NodeAgent.Volumes;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Pods;

/// <summary>One pod on this node, from its binding to the removal of its object: volumes, init containers, containers, the orderly end.</summary>
internal sealed class PodWorker : IDisposable
{
    private static readonly TimeSpan VolumeRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DeleteRetry = TimeSpan.FromSeconds(1);
    private readonly PodServices _services;
    private readonly string _address;
    private readonly string _directory;
    private readonly IReadOnlyDictionary<string, string> _podEnvironment;
    private readonly PodStop _stop;
    private readonly PodStatusPublisher _publisher;
    private readonly DateTimeOffset _startedAt;
    private readonly TaskCompletionSource _deletion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly V1ContainerStatus[] _initialInit;
    private readonly V1ContainerStatus[] _initial;
    private volatile V1Pod _pod;
    private volatile ContainerSupervisor[] _init = [];
    private volatile ContainerSupervisor[] _containers = [];
    private volatile bool _volumesReady;
    private volatile bool _terminal;
    private (string Reason, string Message)? _failure;
    private volatile bool _removed;

    public PodWorker(V1Pod pod, string address, IReadOnlyDictionary<string, string> podEnvironment, PodServices services)
    {
        _pod = pod;
        _address = address;
        _services = services;
        _podEnvironment = podEnvironment;
        _directory = Path.Combine(services.Node.Directory, pod.Metadata.Uid);
        _stop = new PodStop(services.Time);
        _startedAt = pod.Status?.StartTime is { } started ? new DateTimeOffset(started, TimeSpan.Zero) : services.Time.GetUtcNow();
        var now = services.Time.GetUtcNow().UtcDateTime;
        var waitsForInit = pod.Spec.InitContainers is { Count: > 0 };
        _initialInit = [.. (pod.Spec.InitContainers ?? []).Select(c => ContainerStates.Initial(c, true, Previous(pod.Status?.InitContainerStatuses, c), now))];
        _initial = [.. pod.Spec.Containers.Select(c => ContainerStates.Initial(c, waitsForInit, Previous(pod.Status?.ContainerStatuses, c), now))];
        _publisher = new PodStatusPublisher(Observe, services);
    }

    public V1Pod Pod => _pod;

    /// <summary>Takes in a newer version of the pod object.</summary>
    public void Update(V1Pod pod)
    {
        _pod = pod;
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            _deletion.TrySetResult();
            _stop.Request(TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? pod.Spec.TerminationGracePeriodSeconds ?? 30));
        }

        _publisher.Changed();
    }

    /// <summary>The object is gone from the API server: what still runs has no more than a moment.</summary>
    public void Removed()
    {
        _removed = true;
        _deletion.TrySetResult();
        _stop.Request(TimeSpan.FromSeconds(1));
    }

    /// <summary>Stops the processes because the node agent stops; the object stays.</summary>
    public void Detach(TimeSpan grace)
    {
        _removed = true;
        _deletion.TrySetResult();
        _stop.Request(grace);
    }

    public ContainerSupervisor? Container(string name) =>
        _containers.Zip(_pod.Spec.Containers).Concat(_init.Zip(_pod.Spec.InitContainers ?? []))
            .FirstOrDefault(pair => pair.Second.Name == name).First;

    /// <summary>Rewrites volumes that follow an object that has changed.</summary>
    public async Task RefreshVolumesAsync(CancellationToken cancellationToken)
    {
        if (_volumesReady && !_stop.Requested.IsCancellationRequested)
        {
            await _services.Volumes.PrepareAsync(VolumeContext(), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends when the pod's processes have ended and its object has been handed back for removal.</summary>
    public async Task RunAsync()
    {
        var publishing = _publisher.RunAsync();
        try
        {
            if (_pod.Metadata.DeletionTimestamp is not null)
            {
                Update(_pod);
            }

            if (!PodPhase.IsFinal(_pod.Status?.Phase))
            {
                _publisher.Changed();
                using var deadline = DeadlineTimer();
                await RunContainersAsync().ConfigureAwait(false);
                _terminal = true;
                _publisher.Changed();
            }

            await _deletion.Task.ConfigureAwait(false);
        }
        finally
        {
            await _publisher.CompleteAsync(publishing, write: !_removed).ConfigureAwait(false);
        }

        if (!_removed)
        {
            await DeleteAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Removes the pod's directory; its logs go with it.</summary>
    public void Clean()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _publisher.Dispose();
    }

    private static V1ContainerStatus? Previous(IList<V1ContainerStatus>? statuses, V1Container container) =>
        statuses?.FirstOrDefault(s => s.Name == container.Name);

    private async Task RunContainersAsync()
    {
        if (await PrepareVolumesAsync().ConfigureAwait(false) is not { } volumes)
        {
            return;
        }

        _volumesReady = true;
        _init = Supervisors(_pod.Spec.InitContainers ?? [], _initialInit, isInit: true, volumes);
        _containers = Supervisors(_pod.Spec.Containers, _initial, isInit: false, volumes);
        _publisher.Changed();
        using var sidecarStop = new PodStop(_services.Time);
        var sidecars = new List<Task>();
        try
        {
            if (await RunInitContainersAsync(sidecars, sidecarStop).ConfigureAwait(false))
            {
                await Task.WhenAll(_containers.Select(c => c.RunAsync(_stop))).ConfigureAwait(false);
            }
        }
        finally
        {
            // Sidecars stop after the containers that they serve.
            await using var killed = _stop.Kill.Register(() => sidecarStop.Request(TimeSpan.Zero)).ConfigureAwait(false);
            sidecarStop.Request(TimeSpan.FromSeconds(_pod.Spec.TerminationGracePeriodSeconds ?? 30));
            await Task.WhenAll(sidecars).ConfigureAwait(false);
        }
    }

    // The object must go: a pod whose node has forgotten it would stay Terminating for ever.
    private async Task DeleteAsync()
    {
        while (!_removed)
        {
            try
            {
                await _services.Api.DeleteAsync(_pod, CancellationToken.None).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (exception is k8s.Autorest.HttpOperationException or KubeApiException or HttpRequestException)
            {
                NodeLog.DeleteFailed(_services.Logger, exception, _pod.Metadata.NamespaceProperty, _pod.Metadata.Name);
                await Task.Delay(DeleteRetry, _services.Time).ConfigureAwait(false);
            }
        }
    }

    // Null when the pod was stopped before its volumes were there.
    private async Task<IReadOnlyDictionary<string, string>?> PrepareVolumesAsync()
    {
        Directory.CreateDirectory(_directory);
        for (var attempt = 1; !_stop.Requested.IsCancellationRequested; attempt++)
        {
            try
            {
                return await _services.Volumes.PrepareAsync(VolumeContext(), _stop.Requested).ConfigureAwait(false);
            }
            catch (VolumeException exception)
            {
                _services.Api.Event(_pod, "Warning", "FailedMount", exception.Message);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or HttpRequestException or KubeApiException or Win32Exception)
            {
                _services.Api.Event(_pod, "Warning", "FailedMount", exception.Message);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            try
            {
                await Task.Delay(VolumeRetry * Math.Min(attempt, 15), _services.Time, _stop.Requested).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        return null;
    }

    private async Task<bool> RunInitContainersAsync(List<Task> sidecars, PodStop sidecarStop)
    {
        foreach (var (supervisor, container) in _init.Zip(_pod.Spec.InitContainers ?? []))
        {
            if (container.RestartPolicy == "Always")
            {
                sidecars.Add(supervisor.RunAsync(sidecarStop));
                try
                {
                    await supervisor.Started.WaitAsync(_stop.Requested).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    return false;
                }
            }
            else if (await supervisor.RunAsync(_stop).ConfigureAwait(false) != 0 || _stop.Requested.IsCancellationRequested)
            {
                return false;
            }
        }

        return true;
    }

    private ContainerSupervisor[] Supervisors(IList<V1Container> containers, V1ContainerStatus[] initial, bool isInit, IReadOnlyDictionary<string, string> volumes) =>
    [
        .. containers.Zip(initial, (container, status) => new ContainerSupervisor(
            new ContainerContext(container, isInit, () => _pod, _address, _directory, volumes, _podEnvironment, _services), status, _publisher.Changed)),
    ];

    private ITimer? DeadlineTimer()
    {
        if (_pod.Spec.ActiveDeadlineSeconds is not { } seconds)
        {
            return null;
        }

        var due = _startedAt + TimeSpan.FromSeconds(seconds) - _services.Time.GetUtcNow();
        return _services.Time.CreateTimer(
            _ =>
            {
                _failure = ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
                _stop.Request(TimeSpan.FromSeconds(_pod.Spec.TerminationGracePeriodSeconds ?? 30));
            },
            null,
            due > TimeSpan.Zero ? due : TimeSpan.Zero,
            Timeout.InfiniteTimeSpan);
    }

    private VolumeContext VolumeContext() => new(_pod, _directory, _address, _services.Node.Address, _services.Node.Capacity);

    private PodObservation? Observe()
    {
        if (PodPhase.IsFinal(_pod.Status?.Phase))
        {
            return null;
        }

        return new PodObservation(
            _pod,
            _init.Length > 0 ? [.. _init.Select(s => s.Status)] : _initialInit,
            _containers.Length > 0 ? [.. _containers.Select(s => s.Status)] : _initial,
            _address,
            _services.Node.Address,
            _volumesReady,
            _terminal,
            _startedAt,
            _failure?.Reason,
            _failure?.Message);
    }
}
