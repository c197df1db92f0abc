namespace AttentionOperator.Inference.Execution;

/// <summary>Runs packed batches (no padding) of an encoder. Called from one thread at a time.</summary>
public interface IEncoderExecutor : IDisposable
{
    int HiddenSize { get; }

    int MaxPositions { get; }

    /// <summary>Number of outputs of the classification head; 0 where there is none.</summary>
    int LabelCount { get; }

    /// <summary>Computes one vector per sequence: the pooled embedding [HiddenSize] or the head's logits [LabelCount], into <paramref name="output"/>, row-major.</summary>
    void Execute(PackedBatch batch, EncoderOutput kind, Span<float> output);
}

/// <summary>What an encoder computes per sequence.</summary>
public enum EncoderOutput
{
    /// <summary>Pooled as the model's folder says (cls, mean, …), and normalised where it says so.</summary>
    Embedding,

    /// <summary>Logits of the classification head.</summary>
    Logits,
}

/// <summary>Sequences laid end to end: sequence s owns tokens [Starts[s], Starts[s+1]).</summary>
public sealed class PackedBatch
{
    public List<int> TokenIds { get; } = [];

    public List<int> TypeIds { get; } = [];

    /// <summary>[S+1] cumulative token counts, starts with 0.</summary>
    public List<int> Starts { get; } = [0];
}
