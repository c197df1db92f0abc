namespace AttentionOperator.Inference.Scheduling;

/// <summary>What one step computes, and what the scheduler decided on the way. Reused.</summary>
internal sealed class StepPlan
{
    public List<ScheduledTokens> Items { get; } = [];

    public List<Sequence> Started { get; } = [];

    public List<Sequence> Preempted { get; } = [];

    /// <summary>Past their deadline; already out of queues and cache.</summary>
    public List<QueueEntry> Expired { get; } = [];

    /// <summary>Tokens of all items, and of the encoder inputs that the step has to encode.</summary>
    public int Tokens { get; set; }

    public int LogitRows { get; set; }

    /// <summary>Those of <see cref="Tokens"/> that are not interactive, without encoder inputs.</summary>
    public int LowerClassTokens { get; set; }

    public void Clear()
    {
        Items.Clear();
        Started.Clear();
        Preempted.Clear();
        Expired.Clear();
        Tokens = 0;
        LogitRows = 0;
        LowerClassTokens = 0;
    }
}

/// <param name="Sequence">Whose tokens.</param>
/// <param name="Count">How many tokens, from <c>Sequence.Computed</c> on.</param>
/// <param name="LogitRows">Logits that the step has to give: none before the last chunk, one for the last, or one per token.</param>
/// <param name="EncoderTokens">Length of the encoder input that has to be encoded first; 0 where it is encoded already.</param>
internal readonly record struct ScheduledTokens(Sequence Sequence, int Count, int LogitRows, int EncoderTokens);
