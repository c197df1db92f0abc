namespace AttentionOperator.InferenceBench.Decoders;

/// <summary>What is measured: a batch of sequences of equal length, prompt first, then token by token.</summary>
internal interface IDecodingPeer : IDisposable
{
    /// <summary>Forgets everything and computes the prompts, [batch][length].</summary>
    void Prefill(int[][] prompts);

    /// <summary>One greedy step of all sequences.</summary>
    void Step();
}
