using System.Collections.Concurrent;
using AttentionOperator.Sandbox.NodeAgent.Pods;
using k8s.Models;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

/// <summary>Keeps what the node agent writes and lets a test wait for a status that satisfies a condition.</summary>
internal sealed class RecordingPodApi : IPodApi
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Lock _gate = new();
    private readonly List<(Func<V1PodStatus, bool> Condition, TaskCompletionSource<V1PodStatus> Met)> _waiting = [];
    private readonly List<V1PodStatus> _statuses = [];
    private readonly TaskCompletionSource _deleted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<(string Type, string Reason, string Message)> Events { get; } = new();

    public IReadOnlyList<V1PodStatus> Statuses
    {
        get
        {
            lock (_gate)
            {
                return [.. _statuses];
            }
        }
    }

    public Task Deleted => _deleted.Task.WaitAsync(Patience);

    public bool IsDeleted => _deleted.Task.IsCompleted;

    public Task UpdateStatusAsync(V1Pod pod, V1PodStatus status, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _statuses.Add(status);
            foreach (var waiting in _waiting.Where(w => w.Condition(status)))
            {
                waiting.Met.TrySetResult(status);
            }
        }

        return Task.CompletedTask;
    }

    public Task DeleteAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        _deleted.TrySetResult();
        return Task.CompletedTask;
    }

    public void Event(V1Pod pod, string type, string reason, string message, string? container = null) => Events.Enqueue((type, reason, message));

    /// <param name="condition">What the status has to satisfy.</param>
    /// <param name="after">How many of the statuses written so far do not count.</param>
    public async Task<V1PodStatus> WaitAsync(Func<V1PodStatus, bool> condition, int after = 0)
    {
        var met = new TaskCompletionSource<V1PodStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_statuses.Skip(after).LastOrDefault(condition) is { } already)
            {
                return already;
            }

            _waiting.Add((condition, met));
        }

        try
        {
            return await met.Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException("The last status was: " + k8s.KubernetesJson.Serialize(Statuses.Count == 0 ? null : Statuses[^1]));
        }
    }
}
