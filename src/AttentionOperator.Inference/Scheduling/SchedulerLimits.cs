namespace AttentionOperator.Inference.Scheduling;

/// <summary>Bounds of every step.</summary>
/// <param name="MaxBatchTokens">Tokens computed in a step, encoder inputs included.</param>
/// <param name="MaxSequences">Sequences that run at a time.</param>
/// <param name="MaxChunkTokens">Tokens that one sequence may take of a step.</param>
/// <param name="MaxLogitRows">Rows of logits of a step.</param>
/// <param name="ReservedForInteractive">Running places that only interactive requests get.</param>
/// <param name="MaxPreemptions">A request that was preempted this often is not displaced for a more urgent class any more.</param>
internal sealed record SchedulerLimits(
    int MaxBatchTokens, int MaxSequences, int MaxChunkTokens, int MaxLogitRows, int ReservedForInteractive, int MaxPreemptions = 3);
