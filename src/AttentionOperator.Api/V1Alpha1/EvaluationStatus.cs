namespace AttentionOperator.Api.V1Alpha1;

/// <summary>The evaluation of the revision in rollout: the run in progress, or the last result.</summary>
public sealed record EvaluationStatus
{
    /// <summary>Fingerprint of the cases and the metric; a result counts for these alone.</summary>
    public string? Definition { get; init; }

    /// <summary>Number of the current or last run.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Since when the next run waits, after one that gave no result.</summary>
    public DateTime? FailedAt { get; init; }

    /// <summary>Why the last run gave no result.</summary>
    public string? Problem { get; init; }

    /// <summary>Score of the revision; absent until a run gave one.</summary>
    public string? Score { get; init; }

    /// <summary>Score of the stable revision on the same cases.</summary>
    public string? StableScore { get; init; }

    /// <summary>Share of cases that both revisions answer alike (for embeddings: mean cosine).</summary>
    public string? Parity { get; init; }

    /// <summary>Cases of the golden set.</summary>
    public int? Cases { get; init; }

    /// <summary>Cases that the revision did not answer; they score nothing.</summary>
    public int? Unanswered { get; init; }

    /// <summary>Tokenizer fingerprint of the revision.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Tokenizer fingerprint of the stable revision.</summary>
    public string? StableTokenizer { get; init; }
}
