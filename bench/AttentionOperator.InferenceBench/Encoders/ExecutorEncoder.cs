using AttentionOperator.Inference;
using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Execution;

namespace AttentionOperator.InferenceBench.Encoders;

/// <summary>Our executor: sequences end to end, no padding.</summary>
internal sealed class ExecutorEncoder(LoadedModel model) : IEncodingPeer
{
    private readonly IEncoderExecutor _executor = model.CreateEncoderExecutor(new EmbeddingPooling(PoolingKind.Mean, Normalize: false));
    private readonly PackedBatch _batch = new();

    public float[] Encode(int[][] sequences)
    {
        _batch.TokenIds.Clear();
        _batch.Starts.Clear();
        _batch.Starts.Add(0);
        foreach (var sequence in sequences)
        {
            _batch.TokenIds.AddRange(sequence);
            _batch.Starts.Add(_batch.TokenIds.Count);
        }

        var output = new float[sequences.Length * _executor.HiddenSize];
        _executor.Execute(_batch, EncoderOutput.Embedding, output);
        return output;
    }

    public void Dispose() => _executor.Dispose();
}
