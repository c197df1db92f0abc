namespace AttentionOperator.Diagnosis;

/// <summary>What keeps pods of a revision from being ready.</summary>
/// <param name="Reason">A <see cref="PodFailureReason"/> or a <c>StartFailureReason</c>, as a word.</param>
/// <param name="Message">For people: pod, numbers, what to do.</param>
/// <param name="Terminal">Nobody waits for it to pass on its own: something must be changed.</param>
internal sealed record PodFailure(string Reason, string Message, bool Terminal);
