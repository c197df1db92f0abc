namespace AttentionOperator.Tokenization.Decoders;

/// <summary>
/// One step of decoding as a transducer: takes chunks of tokens and hands chunks on as soon as they cannot change any more. One instance serves one stream.
/// </summary>
internal abstract class DecoderStage
{
    /// <summary>Where the output goes.</summary>
    public DecoderStage Next { get; set; } = null!;

    /// <summary>Takes text of a token.</summary>
    /// <param name="startsToken">False where the chunk continues the token of the chunk before.</param>
    public abstract void Push(string chunk, bool startsToken);

    /// <summary>The stream ends: hands on what was held back.</summary>
    public virtual void End() => Next.End();
}
