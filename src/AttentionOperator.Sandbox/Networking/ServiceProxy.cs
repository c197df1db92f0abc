using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Sandbox.Controllers;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Sandbox.Networking;

/// <summary>Makes Services reachable at their cluster addresses: a listener for each TCP port of each Service whose address is a loopback address.</summary>
internal sealed class ServiceProxy : IReconciler<ObjectKey>, IAsyncDisposable
{
    private readonly ClusterCaches _caches;
    private readonly ILogger _logger;
    private readonly Controller<ObjectKey> _controller;
    private readonly ConcurrentDictionary<ObjectKey, Dictionary<IPEndPoint, PortForwarder>> _forwarders = new();

    public ServiceProxy(ClusterCaches caches, ILoggerFactory loggers, TimeProvider time)
    {
        _caches = caches;
        _logger = loggers.CreateLogger<ServiceProxy>();
        _controller = new Controller<ObjectKey>(
            this, new ControllerOptions { Name = "service-proxy", Workers = 2 }, loggers.CreateLogger<Controller<ObjectKey>>(), time: time);
        caches.Services.AddHandler(e => _controller.Queue.Add(e.Key, e.Priority));
    }

    public Task RunAsync(CancellationToken cancellationToken) => _controller.RunAsync(cancellationToken);

    public async ValueTask<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        var wanted = _caches.Services.Get(key) is { } service ? Ports(service) : [];
        var open = _forwarders.GetOrAdd(key, _ => []);
        foreach (var address in open.Keys.Where(a => !wanted.ContainsKey(a)).ToList())
        {
            open.Remove(address, out var forwarder);
            await forwarder!.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var (address, port) in wanted.Where(w => !open.ContainsKey(w.Key)))
        {
            try
            {
                open[address] = new PortForwarder(address, () => Targets(key, port));
            }
            catch (SocketException exception)
            {
                // Another Service with the same address and port, or a kubernetes Service that the API server itself answers.
                ProxyLog.CannotListen(_logger, exception, key.ToString(), address.ToString());
            }
        }

        if (open.Count == 0)
        {
            _forwarders.TryRemove(key, out _);
        }

        return ReconcileResult.Done;
    }

    public async ValueTask DisposeAsync()
    {
        _controller.Dispose();
        foreach (var forwarder in _forwarders.Values.SelectMany(f => f.Values))
        {
            await forwarder.DisposeAsync().ConfigureAwait(false);
        }
    }

    private IReadOnlyList<IPEndPoint> Targets(ObjectKey key, string portName)
    {
        if (_caches.Services.Get(key) is not { } service || service.Spec.Ports?.FirstOrDefault(p => (p.Name ?? string.Empty) == portName) is not { } port)
        {
            return [];
        }

        return ServiceEndpoints.Of(port, _caches.Slices.ByIndex(IndexNames.Owner, service.Metadata.Uid));
    }

    private static Dictionary<IPEndPoint, string> Ports(V1Service service)
    {
        if (service.Metadata.DeletionTimestamp is not null || !IPAddress.TryParse(service.Spec.ClusterIP, out var address) || !IPAddress.IsLoopback(address))
        {
            return [];
        }

        return (service.Spec.Ports ?? [])
            .Where(p => (p.Protocol ?? "TCP") == "TCP")
            .ToDictionary(p => new IPEndPoint(address, p.Port), p => p.Name ?? string.Empty);
    }
}
