namespace AttentionOperator.Observation;

/// <summary>A pod that is ending: it holds its accelerator until it is gone.</summary>
/// <param name="Revision">Revision hash.</param>
/// <param name="Deadline">When its node should have ended it.</param>
internal sealed record LeavingPod(string Revision, DateTime Deadline);
