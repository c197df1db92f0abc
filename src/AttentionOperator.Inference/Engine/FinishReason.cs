namespace AttentionOperator.Inference.Engine;

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>A stop id or stop string.</summary>
    Stop,

    /// <summary>MaxTokens or the model's positions.</summary>
    Length,

    /// <summary>The deadline passed.</summary>
    Deadline,
}
