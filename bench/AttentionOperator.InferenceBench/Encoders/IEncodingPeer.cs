namespace AttentionOperator.InferenceBench.Encoders;

/// <summary>What is measured: one vector per sequence, the mean of its last hidden states.</summary>
internal interface IEncodingPeer : IDisposable
{
    /// <summary>[sequences, hidden].</summary>
    float[] Encode(int[][] sequences);
}
