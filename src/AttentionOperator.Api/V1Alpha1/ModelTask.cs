namespace AttentionOperator.Api.V1Alpha1;

/// <summary>What a model is for; decides which endpoints its pods serve.</summary>
public enum ModelTask
{
    /// <summary>Decoder: completions and chat.</summary>
    Generate,

    /// <summary>Encoder: embeddings.</summary>
    Embed,

    /// <summary>Encoder with a classification head.</summary>
    Classify,

    /// <summary>Encoder that scores query and document pairs.</summary>
    Rerank,

    /// <summary>Encoder-decoder: completions conditioned on the input.</summary>
    Seq2Seq,
}
