namespace AttentionOperator.Inference.Engine;

/// <summary>How a drain ended.</summary>
/// <param name="Finished">Requests that ended by themselves during the drain.</param>
/// <param name="Retryable">Ids of requests that were ended before their first token: another pod can take them as they are.</param>
/// <param name="Interrupted">Ids of requests that were ended in the middle of their answer: another pod can continue them from the ids generated so far.</param>
public sealed record DrainReport(int Finished, IReadOnlyList<string> Retryable, IReadOnlyList<string> Interrupted);
