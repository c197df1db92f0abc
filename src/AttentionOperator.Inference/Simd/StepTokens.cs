using AttentionOperator.Inference.Execution;

namespace AttentionOperator.Inference.Simd;

/// <summary>Positions and cache slots of a step's tokens.</summary>
internal sealed class StepTokens(int blockSize)
{
    private readonly List<(int Position, int Block)> _tokens = [];

    public int Count => _tokens.Count;

    /// <summary>Longest sequence of the step.</summary>
    public int MaxLength { get; private set; }

    public void Begin(StepBatch batch)
    {
        _tokens.Clear();
        MaxLength = 0;
        foreach (var sequence in batch.Sequences)
        {
            var end = sequence.ContextLength + sequence.TokenCount;
            MaxLength = Math.Max(MaxLength, end);
            for (var position = sequence.ContextLength; position < end; position++)
                _tokens.Add((position, sequence.BlockTable[position / blockSize]));
        }
    }

    public int Position(int token) => _tokens[token].Position;

    public (int Block, int Offset) Slot(int token) => (_tokens[token].Block, _tokens[token].Position % blockSize);
}
