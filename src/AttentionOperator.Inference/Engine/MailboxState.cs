namespace AttentionOperator.Inference.Engine;

/// <summary>What the engine's thread is asked to do with its life.</summary>
internal enum MailboxState
{
    Open,
    Draining,
    Stopping,
    Closed,
}
