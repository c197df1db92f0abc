using AttentionOperator.Api.Sli;

namespace AttentionOperator.Gateway.Slis;

/// <summary>Monotonic counters of one revision under one set of objectives.</summary>
internal sealed class RevisionCounters(string revision, IReadOnlyList<ObjectiveDefinition> objectives, InFlightGauge? gauge = null)
{
    private readonly InFlightGauge _inFlight = gauge ?? new InFlightGauge();
    private readonly long[] _good = new long[objectives.Count];
    private readonly long[] _bad = new long[objectives.Count];
    private long _requests;
    private long _errors;
    private long _inputTokens;
    private long _outputTokens;

    public string Revision { get; } = revision;

    public IReadOnlyList<ObjectiveDefinition> Objectives { get; } = objectives;

    public void Begin() => Interlocked.Increment(ref _inFlight.Count);

    /// <summary>The request is over; what cannot be held against a revision (caller's fault, caller gone) has no outcome.</summary>
    public void End(in RequestOutcome? outcome)
    {
        Interlocked.Decrement(ref _inFlight.Count);
        if (outcome is not { } ended) return;
        Interlocked.Increment(ref _requests);
        if (ended.Failed) Interlocked.Increment(ref _errors);
        Interlocked.Add(ref _inputTokens, ended.InputTokens);
        Interlocked.Add(ref _outputTokens, ended.OutputTokens);
        for (var i = 0; i < Objectives.Count; i++)
        {
            if (Objectives[i].Judge(ended) is { } good) Interlocked.Increment(ref (good ? ref _good[i] : ref _bad[i]));
        }
    }

    /// <summary>Counts feedback for the quality objectives.</summary>
    public void Feedback(bool good)
    {
        for (var i = 0; i < Objectives.Count; i++)
        {
            if (Objectives[i].Type == Api.V1Alpha1.ObjectiveType.Quality) Interlocked.Increment(ref (good ? ref _good[i] : ref _bad[i]));
        }
    }

    /// <summary>The same counters under changed objectives: totals go on, an objective whose definition changed starts at zero.</summary>
    public RevisionCounters Under(IReadOnlyList<ObjectiveDefinition> objectives)
    {
        var next = new RevisionCounters(Revision, objectives, _inFlight)
        {
            _requests = Volatile.Read(ref _requests),
            _errors = Volatile.Read(ref _errors),
            _inputTokens = Volatile.Read(ref _inputTokens),
            _outputTokens = Volatile.Read(ref _outputTokens),
        };
        for (var i = 0; i < objectives.Count; i++)
        {
            var old = Objectives.TakeWhile(o => o != objectives[i]).Count();
            if (old == Objectives.Count) continue;
            next._good[i] = Volatile.Read(ref _good[old]);
            next._bad[i] = Volatile.Read(ref _bad[old]);
        }

        return next;
    }

    public RevisionSli Snapshot() => new()
    {
        Revision = Revision,
        Requests = Volatile.Read(ref _requests),
        Errors = Volatile.Read(ref _errors),
        InFlight = Volatile.Read(ref _inFlight.Count),
        InputTokens = Volatile.Read(ref _inputTokens),
        OutputTokens = Volatile.Read(ref _outputTokens),
        Objectives = ObjectivesNow(),
    };

    private ObjectiveSli[] ObjectivesNow()
    {
        var now = new ObjectiveSli[Objectives.Count];
        for (var i = 0; i < now.Length; i++)
        {
            var objective = Objectives[i];
            now[i] = new ObjectiveSli { Name = objective.Name, Definition = objective.Definition, Good = Volatile.Read(ref _good[i]), Bad = Volatile.Read(ref _bad[i]) };
        }

        return now;
    }
}
