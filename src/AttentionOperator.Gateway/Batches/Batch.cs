using System.Text.Json.Nodes;

namespace AttentionOperator.Gateway.Batches;

/// <summary>One batch as it is kept. Times are Unix seconds; null = not yet.</summary>
internal sealed record Batch
{
    public required string Id { get; init; }

    public required string Endpoint { get; init; }

    public required string InputFileId { get; init; }

    public required string CompletionWindow { get; init; }

    public required BatchOwner Owner { get; init; }

    public BatchStatus Status { get; init; }

    public string? OutputFileId { get; init; }

    public string? ErrorFileId { get; init; }

    /// <summary>Why the input could not be used.</summary>
    public IReadOnlyList<BatchProblem>? Errors { get; init; }

    public long CreatedAt { get; init; }

    public long? InProgressAt { get; init; }

    public long ExpiresAt { get; init; }

    public long? FinalizingAt { get; init; }

    public long? CompletedAt { get; init; }

    public long? FailedAt { get; init; }

    public long? ExpiredAt { get; init; }

    public long? CancellingAt { get; init; }

    public long? CancelledAt { get; init; }

    public int Total { get; init; }

    public int Completed { get; init; }

    public int Failed { get; init; }

    public JsonObject? Metadata { get; init; }

    public bool IsOver => Status is BatchStatus.Completed or BatchStatus.Failed or BatchStatus.Expired or BatchStatus.Cancelled;

    /// <summary>As callers see it.</summary>
    public object ToAnswer() => new
    {
        id = Id,
        @object = "batch",
        endpoint = Endpoint,
        errors = Errors is null ? null : new { @object = "list", data = Errors },
        input_file_id = InputFileId,
        completion_window = CompletionWindow,
        status = Status,
        output_file_id = OutputFileId,
        error_file_id = ErrorFileId,
        created_at = CreatedAt,
        in_progress_at = InProgressAt,
        expires_at = ExpiresAt,
        finalizing_at = FinalizingAt,
        completed_at = CompletedAt,
        failed_at = FailedAt,
        expired_at = ExpiredAt,
        cancelling_at = CancellingAt,
        cancelled_at = CancelledAt,
        request_counts = new { total = Total, completed = Completed, failed = Failed },
        metadata = Metadata,
    };
}

/// <summary>Where a batch is, in OpenAI's words.</summary>
internal enum BatchStatus
{
    Validating,
    Failed,
    InProgress,
    Finalizing,
    Completed,
    Expired,
    Cancelling,
    Cancelled,
}

/// <summary>One line of the input that cannot be used.</summary>
internal sealed record BatchProblem(string Code, string Message, string? Param, int? Line);
