using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>Pods that wait for a node: those to try now by priority, then age; those that fit nowhere set aside until something changes.</summary>
internal sealed class SchedulingQueue : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<ObjectKey, (int NegatedPriority, long Sequence)> _ready = new();
    private readonly Dictionary<ObjectKey, int> _priorities = [];
    private readonly HashSet<ObjectKey> _waiting = [];
    private readonly HashSet<ObjectKey> _parked = [];
    private readonly SemaphoreSlim _available = new(0);
    private long _sequence;
    private long _version;

    /// <summary>Grows with every reason to try again, so that one that comes between a decision and its parking is not lost.</summary>
    public long Version => Interlocked.Read(ref _version);

    public void Add(ObjectKey key, int priority)
    {
        lock (_gate)
        {
            _priorities[key] = priority;
            _parked.Remove(key);
            Enqueue_NeedsLock(key);
        }
    }

    public void Park(ObjectKey key, long decidedAt)
    {
        lock (_gate)
        {
            if (!_priorities.ContainsKey(key) || _waiting.Contains(key))
            {
                return;
            }

            if (Version == decidedAt)
            {
                _parked.Add(key);
            }
            else
            {
                Enqueue_NeedsLock(key);
            }
        }
    }

    public void Remove(ObjectKey key)
    {
        lock (_gate)
        {
            _priorities.Remove(key);
            _parked.Remove(key);
        }
    }

    public void RetryAll()
    {
        lock (_gate)
        {
            Interlocked.Increment(ref _version);
            foreach (var key in _parked)
            {
                Enqueue_NeedsLock(key);
            }

            _parked.Clear();
        }
    }

    public async Task<ObjectKey> TakeAsync(CancellationToken cancellationToken)
    {
        await _available.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            var key = _ready.Dequeue();
            _waiting.Remove(key);
            return key;
        }
    }

    public void Dispose() => _available.Dispose();

    private void Enqueue_NeedsLock(ObjectKey key)
    {
        if (_waiting.Add(key))
        {
            _ready.Enqueue(key, (-_priorities.GetValueOrDefault(key), _sequence++));
            _available.Release();
        }
    }
}
