using System.Diagnostics;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.Http;
using AttentionOperator.Runtime.Tracing;

namespace AttentionOperator.Runtime.Serving;

/// <summary>One request inside the gate: the model that serves it, who asks, and the token that ends it.</summary>
internal sealed class RequestScope : IDisposable
{
    private readonly CancellationTokenSource? _deadline;
    private readonly CancellationTokenSource _linked;
    private readonly CancellationToken _abort;
    private AdmissionTicket? _ticket;

    public RequestScope(HttpContext context, string endpoint, ServedModel model, Caller caller, TimeProvider clock, CancellationToken abort)
    {
        Context = context;
        Endpoint = endpoint;
        Model = model;
        Caller = caller;
        Clock = clock;
        Started = clock.GetTimestamp();
        _abort = abort;
        if (caller.Deadline is { } deadline)
        {
            var left = deadline - clock.GetUtcNow();
            _deadline = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);
        }

        _linked = _deadline is null
            ? CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, abort)
            : CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, abort, _deadline.Token);
    }

    public HttpContext Context { get; }

    public string Endpoint { get; }

    public ServedModel Model { get; }

    public Caller Caller { get; }

    public TimeProvider Clock { get; }

    /// <summary>Timestamp of <see cref="TimeProvider.GetTimestamp"/> at arrival.</summary>
    public long Started { get; }

    public TimeSpan Elapsed => Clock.GetElapsedTime(Started);

    public string RequestId => Context.TraceIdentifier;

    /// <summary>The request's span; null where nobody listens.</summary>
    public Activity? Span { get; init; }

    public RequestTrace Trace => new(Span);

    /// <summary>Prompts and answers are to be recorded in the span.</summary>
    public bool CapturesContent { get; init; }

    /// <summary>The event stream that the answer is, once there is one.</summary>
    public SseStream? Stream { get; set; }

    /// <summary>Ends with the client's connection, the caller's deadline, or the grace period.</summary>
    public CancellationToken Cancelled => _linked.Token;

    /// <summary>Requests share cached prefixes only where the gateway's namespace and their own salt are the same.</summary>
    public string? CacheNamespace(string? salt) => Caller.CacheNamespace is null && salt is null ? null : $"{Caller.CacheNamespace?.Length ?? -1}:{Caller.CacheNamespace}{salt}";

    /// <summary>
    /// Takes places in the engine's queue for the request's sequences, all or none, before any of them is sent. A later phase of a request that
    /// is inside already is not refused.
    /// </summary>
    public AdmissionTicket Admit(IReadOnlyList<ReadOnlyMemory<int>> sequences)
    {
        if (_ticket is not null) return _ticket;
        var tokens = 0L;
        foreach (var ids in sequences) tokens += ids.Length;
        var key = ReturnKey.Of(Endpoint, Caller, sequences);
        return _ticket = Model.Generation is { } engine
            ? engine.Admit(sequences.Count, tokens, Caller.Priority, key)
            : Model.Encoder!.Admit(sequences.Count, tokens, Caller.Priority, key);
    }

    /// <summary>The error that the cancellation means; null where the client is gone and nobody reads an answer.</summary>
    public ApiException? CancellationError()
    {
        if (Context.RequestAborted.IsCancellationRequested) return null;
        if (_deadline?.IsCancellationRequested == true) return DeadlinePassed();
        if (_abort.IsCancellationRequested)
        {
            return ApiErrors.Unavailable(ErrorReason.Draining, "This server shut down before the answer was complete; retry, another one will answer.", TimeSpan.FromSeconds(1));
        }

        return null;
    }

    public static ApiException DeadlinePassed() => ApiErrors.DeadlineExceeded("The caller's deadline passed before the answer was complete.");

    /// <summary>Throws unless the request names this model.</summary>
    public void CheckModel(string asked)
    {
        var configuration = Model.Configuration;
        if (string.Equals(asked, Model.Name, StringComparison.Ordinal)
            || string.Equals(asked, $"{configuration.Namespace}/{configuration.Model}", StringComparison.Ordinal)
            || string.Equals(Caller.ResolvedModel, Model.Name, StringComparison.Ordinal)) return;
        throw ApiErrors.UnknownModel(asked.Length <= 100 ? asked : asked[..100] + "…", Model.Name);
    }

    public void Dispose()
    {
        _ticket?.Dispose();
        _linked.Dispose();
        _deadline?.Dispose();
    }
}
