using AttentionOperator.Inference;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Sampling;

namespace AttentionOperator.InferenceBench.Decoders;

/// <summary>Our executor, driven as the engine drives it.</summary>
internal sealed class ExecutorPeer : IDecodingPeer
{
    private const int BlockSize = 16;

    private readonly IDecoderExecutor _executor;
    private readonly StepBatch _batch = new();
    private readonly float[] _logits;
    private readonly List<int>[] _blocks;
    private readonly int[] _lengths, _next;
    private int _count;

    public ExecutorPeer(LoadedModel model, int maxBatch, int maxLength)
    {
        var blocks = maxLength / BlockSize + 1;
        _executor = model.CreateDecoderExecutor(BlockSize, blocks * maxBatch);
        _logits = new float[maxBatch * _executor.Shape.VocabularySize];
        _blocks = [.. Enumerable.Range(0, maxBatch).Select(i => Enumerable.Range(i * blocks, blocks).ToList())];
        (_lengths, _next) = (new int[maxBatch], new int[maxBatch]);
    }

    public void Prefill(int[][] prompts)
    {
        _count = prompts.Length;
        _batch.Clear();
        for (var i = 0; i < _count; i++)
        {
            _batch.Sequences.Add(new StepSequence(_batch.TokenIds.Count, prompts[i].Length, 0, _blocks[i]));
            _batch.TokenIds.AddRange(prompts[i]);
            _batch.LogitRows.Add(_batch.TokenIds.Count - 1);
            _lengths[i] = prompts[i].Length;
        }

        Execute();
    }

    public void Step()
    {
        _batch.Clear();
        for (var i = 0; i < _count; i++)
        {
            _batch.Sequences.Add(new StepSequence(i, 1, _lengths[i]++, _blocks[i]));
            _batch.TokenIds.Add(_next[i]);
            _batch.LogitRows.Add(i);
        }

        Execute();
    }

    public void Dispose() => _executor.Dispose();

    private void Execute()
    {
        var vocabulary = _executor.Shape.VocabularySize;
        var logits = _logits.AsSpan(0, _count * vocabulary);
        _executor.Execute(_batch, logits);
        for (var i = 0; i < _count; i++)
            _next[i] = RowMath.ArgMax(logits.Slice(i * vocabulary, vocabulary));
    }
}
