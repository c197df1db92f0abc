using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.Http;

namespace AttentionOperator.Runtime.Serving;

/// <summary>
/// Lets requests in while the model is loaded and the process is not shutting down, counts those inside, and tells when the last
/// has left.
/// </summary>
internal sealed class RequestGate : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ServedModel? _model;
    private bool _draining;
    private int _inside;

    /// <summary>Fires when the grace period is over: what still runs is handed back.</summary>
    public CancellationToken Abort => _abort.Token;

    public bool Draining
    {
        get
        {
            lock (_lock) return _draining;
        }
    }

    public bool Ready
    {
        get
        {
            lock (_lock) return _model is { State: EngineState.Running } && !_draining;
        }
    }

    public ServedModel? Model
    {
        get
        {
            lock (_lock) return _model;
        }
    }

    public int Inside
    {
        get
        {
            lock (_lock) return _inside;
        }
    }

    public void Open(ServedModel model)
    {
        lock (_lock) _model = model;
    }

    /// <summary>Enters, or throws the 503 that says why not. Leave by <see cref="Leave"/>.</summary>
    public ServedModel Enter()
    {
        lock (_lock)
        {
            if (_draining) throw ApiErrors.Unavailable(ErrorReason.Draining, "This server is shutting down; retry, another one will answer.", TimeSpan.FromSeconds(1));
            if (_model is null) throw ApiErrors.Unavailable(ErrorReason.Starting, "The model is being loaded.", TimeSpan.FromSeconds(2));
            _inside++;
            return _model;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            _inside--;
            if (_draining && _inside == 0) _idle.TrySetResult();
        }
    }

    /// <summary>Refuses new requests from now on; the task ends when none is inside.</summary>
    public Task BeginDrain()
    {
        lock (_lock)
        {
            _draining = true;
            if (_inside == 0) _idle.TrySetResult();
        }

        return _idle.Task;
    }

    /// <summary>Cancels what is still inside.</summary>
    public void AbortAll() => _abort.Cancel();

    public void Dispose() => _abort.Dispose();
}
