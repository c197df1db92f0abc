using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Simd.Kernels;
using AttentionOperator.Inference.Weights;

namespace AttentionOperator.Inference.Simd;

/// <summary>Looks token ids (and learned positions) up in the stored tables.</summary>
internal sealed unsafe class EmbeddingWork(KernelSet kernels, SimdWeights weights, EmbeddingDescription embedding) : RowWork
{
    private readonly StoredTensor _table = weights.Stored(embedding.Tokens);
    private readonly StoredTensor? _positions = embedding.Positions is { } positions ? weights.Stored(positions) : null;
    private readonly StoredTensor? _types = embedding.Types is { } types ? weights.Stored(types) : null;
    private List<int>? _ids;
    private StepTokens? _tokens;
    private RowsView _target;
    private int _size;

    public void Set(List<int> ids, StepTokens tokens, RowsView target, int size) => (_ids, _tokens, _target, _size) = (ids, tokens, target, size);

    protected override void Rows(int first, int last)
    {
        Span<float> row = stackalloc float[256];
        for (var token = first; token < last; token++)
        {
            var target = _target.Row(token);
            _table.Read((long)_ids![token] * _size, new Span<float>(target, _size));
            if (embedding.Scale != 1)
                kernels.Scale(target, embedding.Scale, _size);
            if (_positions is not null)
                Add(_positions, _tokens!.Position(token) + embedding.PositionOffset, target, row);
            if (_types is not null)
                Add(_types, 0, target, row);
        }
    }

    private void Add(StoredTensor table, int index, float* target, Span<float> part)
    {
        for (var start = 0; start < _size; start += part.Length)
        {
            var values = part[..Math.Min(part.Length, _size - start)];
            table.Read((long)index * _size + start, values);
            fixed (float* source = values)
                kernels.Add(target + start, source, values.Length);
        }
    }
}
