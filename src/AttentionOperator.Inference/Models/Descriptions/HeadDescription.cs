namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>What the head of an encoder reads.</summary>
public enum HeadInput
{
    /// <summary>The hidden state of the first token.</summary>
    FirstToken,

    /// <summary>The mean over the sequence's tokens.</summary>
    Mean,

    /// <summary>Every token by itself.</summary>
    EachToken,
}

/// <summary>A head on an encoder: final(norm(act(dense(x)))), each step optional but the last.</summary>
public sealed record HeadDescription
{
    public required HeadInput Input { get; init; }

    public LinearDescription? Dense { get; init; }

    public ActivationKind? Activation { get; init; }

    public NormDescription? Norm { get; init; }

    /// <summary>Null for a pooler, whose output is a vector of the hidden size.</summary>
    public LinearDescription? Final { get; init; }
}
