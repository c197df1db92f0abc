using System.Text.Json;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Sandbox.Controllers;
using AttentionOperator.Sandbox.NodeAgent.Volumes;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>Binds pods to nodes, one at a time, the most important first; pods that fit nowhere are tried again when something changes.</summary>
internal sealed class Scheduler : IDisposable
{
    private const string Component = "default-scheduler";
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(30);
    private readonly ClusterCaches _caches;
    private readonly ClusterWriter _writer;
    private readonly EventRecorder _events;
    private readonly ClaimDirectories _claims;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ClusterState _state = new();
    private readonly SchedulingQueue _queue = new();

    public Scheduler(ClusterCaches caches, ClusterWriter writer, EventRecorder events, ClaimDirectories claims, TimeProvider time, ILogger logger)
    {
        _caches = caches;
        _writer = writer;
        _events = events;
        _claims = claims;
        _time = time;
        _logger = logger;
        caches.Nodes.AddHandler(OnNode);
        caches.Pods.AddHandler(OnPod);
        caches.Claims.AddHandler(_ => _queue.RetryAll());
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Bound pods must be counted before the first decision.
        await _caches.Pods.WaitForSyncAsync(cancellationToken).ConfigureAwait(false);
        await _caches.Nodes.WaitForSyncAsync(cancellationToken).ConfigureAwait(false);
        using var timer = _time.CreateTimer(_ => _queue.RetryAll(), null, RetryInterval, RetryInterval);
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var key = await _queue.TakeAsync(cancellationToken).ConfigureAwait(false);
                await ScheduleSafelyAsync(key, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The Sandbox stops.
        }
    }

    public void Dispose() => _queue.Dispose();

    private async Task ScheduleSafelyAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var decidedAt = _queue.Version;
        try
        {
            await ScheduleAsync(key, decidedAt, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is KubeApiException or HttpRequestException)
        {
            ClusterLog.PartFailed(_logger, exception, $"Scheduling of {key}");
            _queue.Park(key, decidedAt);
        }
    }

    private async Task ScheduleAsync(ObjectKey key, long decidedAt, CancellationToken cancellationToken)
    {
        if (_caches.Pods.Get(key) is not { } pod || !Waits(pod))
        {
            return;
        }

        if (MissingClaim(pod) is { } claim)
        {
            await RejectAsync(pod, $"persistentvolumeclaim \"{claim}\" not found", null, decidedAt, cancellationToken).ConfigureAwait(false);
            return;
        }

        var placement = _state.Place(pod);
        if (placement.Node is { } node)
        {
            try
            {
                await BindAsync(pod, node, cancellationToken).ConfigureAwait(false);
            }
            catch (KubeApiException)
            {
                _state.RemovePod(pod.Metadata.Uid);
                throw;
            }

            return;
        }

        foreach (var victim in placement.Victims)
        {
            _events.Record(victim, "Normal", "Preempted", $"Preempted by pod {pod.Metadata.Uid} on node {placement.NominatedNode}", Component);
            await _writer.DeleteAsync(victim, cancellationToken).ConfigureAwait(false);
        }

        await RejectAsync(pod, placement.Message, placement.NominatedNode, decidedAt, cancellationToken).ConfigureAwait(false);
    }

    private async Task BindAsync(V1Pod pod, string node, CancellationToken cancellationToken)
    {
        var binding = new
        {
            apiVersion = "v1",
            kind = "Binding",
            metadata = new { name = pod.Metadata.Name, @namespace = pod.Metadata.NamespaceProperty, uid = pod.Metadata.Uid },
            target = new { apiVersion = "v1", kind = "Node", name = node },
        };
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(binding, PatchJson.Options));
        content.Headers.ContentType = new("application/json");
        var path = ResourceKind.Of<V1Pod>().ObjectPath(ClusterWriter.KeyOf(pod), "binding");
        using var response = await _writer.Connection.SendAsync(HttpMethod.Post, path, content, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            throw new KubeApiException(response.StatusCode, string.Empty, $"bind {ClusterWriter.KeyOf(pod)} to {node}: {(int)response.StatusCode} {text}");
        }

        _events.Record(pod, "Normal", "Scheduled", $"Successfully assigned {ClusterWriter.KeyOf(pod)} to {node}", Component);
    }

    private async Task RejectAsync(V1Pod pod, string message, string? nominated, long decidedAt, CancellationToken cancellationToken)
    {
        _queue.Park(ClusterWriter.KeyOf(pod), decidedAt);
        var before = pod.Status?.Conditions?.FirstOrDefault(c => c.Type == "PodScheduled");
        if (before is { Status: "False" } && before.Message == message && pod.Status?.NominatedNodeName == nominated)
        {
            return;
        }

        _events.Record(pod, "Warning", "FailedScheduling", message, Component);
        var conditions = (pod.Status?.Conditions ?? []).Where(c => c.Type != "PodScheduled").ToList();
        conditions.Add(new V1PodCondition
        {
            Type = "PodScheduled",
            Status = "False",
            Reason = "Unschedulable",
            Message = message,
            LastTransitionTime = before?.Status == "False" ? before.LastTransitionTime : _time.GetUtcNow().UtcDateTime,
            ObservedGeneration = pod.Metadata.Generation,
        });
        await _writer.PatchStatusAsync(pod, new { conditions, nominatedNodeName = nominated }, cancellationToken).ConfigureAwait(false);
    }

    private string? MissingClaim(V1Pod pod) => (pod.Spec.Volumes ?? [])
        .Select(v => v.PersistentVolumeClaim?.ClaimName)
        .FirstOrDefault(name => name is not null
            && _claims.Find(pod.Metadata.NamespaceProperty, name) is null
            && _caches.Claims.Get(new ObjectKey(pod.Metadata.NamespaceProperty, name)) is null);

    private void OnNode(InformerEvent<V1Node> change)
    {
        if (change.Kind == InformerEventKind.Deleted)
        {
            _state.RemoveNode(change.Key.Name);
            return;
        }

        _state.SetNode(change.Object);

        // Heartbeats change a node all the time; only what decisions read brings pods back.
        if (change.Old is null || Relevant(change.Old) != Relevant(change.Object))
        {
            _queue.RetryAll();
        }
    }

    private void OnPod(InformerEvent<V1Pod> change)
    {
        var pod = change.Object;
        if (change.Kind == InformerEventKind.Deleted)
        {
            _state.RemovePod(pod.Metadata.Uid);
            _queue.Remove(change.Key);
            _queue.RetryAll();
            return;
        }

        _state.SetPod(pod);
        if (Waits(pod))
        {
            // Our own note that the pod does not fit is no reason to try again.
            if (change.Old is null || !Waits(change.Old) || change.Old.Metadata.Generation != pod.Metadata.Generation)
            {
                _queue.Add(change.Key, pod.Spec.Priority ?? 0);
            }
        }
        else if (PodFacts.IsFinished(pod) && change.Old is not null && !PodFacts.IsFinished(change.Old))
        {
            _queue.RetryAll();
        }
    }

    private static bool Waits(V1Pod pod) =>
        string.IsNullOrEmpty(pod.Spec.NodeName)
        && pod.Metadata.DeletionTimestamp is null
        && !PodFacts.IsFinished(pod)
        && (pod.Spec.SchedulerName ?? Component) == Component
        && pod.Spec.SchedulingGates is not { Count: > 0 };

    private static string Relevant(V1Node node) => k8s.KubernetesJson.Serialize(new { node.Spec, node.Metadata.Labels, node.Status?.Allocatable });
}
