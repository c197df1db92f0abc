namespace AttentionOperator.Inference.Engine;

/// <summary>Lines of those who were told to come back; an earlier one goes first.</summary>
internal enum PromiseLine
{
    /// <summary>Interactive requests.</summary>
    Interactive,

    /// <summary>Who came as told and found no room after all, because the queue drained more slowly than before.</summary>
    Late,

    /// <summary>All others, as they came.</summary>
    Others,
}
