namespace AttentionOperator.Api.Sli;

/// <summary>
/// Answer of a gateway's <c>GET /slis</c>: every model and revision in one document. All counters are monotonic since
/// <see cref="StartedAt"/>; a new <see cref="Instance"/> means that they began at zero.
/// </summary>
public sealed record SliSnapshot
{
    /// <summary>Unique per gateway process (not per pod: a restarted container has another).</summary>
    public required string Instance { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public IReadOnlyList<ModelSli> Models { get; init; } = [];
}

/// <summary>Counters of one AttentionModel at one gateway.</summary>
public sealed record ModelSli
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary>Requests that wait at the gateway now, all revisions (also while no replica exists).</summary>
    public long Queued { get; init; }

    /// <summary>Unix time in seconds of the last request; 0 = none yet.</summary>
    public double LastRequestAt { get; init; }

    public IReadOnlyList<RevisionSli> Revisions { get; init; } = [];
}

/// <summary>Counters of one revision at one gateway.</summary>
public sealed record RevisionSli
{
    public required string Revision { get; init; }

    /// <summary>Finished requests that count for objectives.</summary>
    public long Requests { get; init; }

    /// <summary>Requests that were answered with a server error, a broken stream or a timeout.</summary>
    public long Errors { get; init; }

    /// <summary>Requests in flight now.</summary>
    public long InFlight { get; init; }

    /// <summary>Requests that wait at the gateway now and whose turn in the split fell to this revision; those that wait for any revision are in the model's number alone.</summary>
    public long Queued { get; init; }

    /// <summary>Tokens of input and output, estimated, of the requests in flight now.</summary>
    public long InFlightTokens { get; init; }

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public IReadOnlyList<ObjectiveSli> Objectives { get; init; } = [];
}

/// <summary>Good and bad requests of one objective (<c>spec.slo.objectives[].name</c>).</summary>
public sealed record ObjectiveSli
{
    public required string Name { get; init; }

    /// <summary>Fingerprint of the objective's definition (type, threshold): counters restart when it changes.</summary>
    public required string Definition { get; init; }

    public long Good { get; init; }

    public long Bad { get; init; }
}
