using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Simd.Kernels;

namespace AttentionOperator.Inference.Simd;

/// <summary>Head norms and rotation of queries and keys, and the write of keys and values to the cache, token by token.</summary>
internal sealed unsafe class CacheWork(KernelSet kernels, SimdPagedCache cache, SimdWeights weights) : RowWork
{
    private AttentionDescription? _attention;
    private RotaryTable? _table;
    private StepTokens? _tokens;
    private RowsView _queries, _keys, _values;
    private NormParameters _queryNorm, _keyNorm;
    private int _layer;

    public void Set(AttentionDescription attention, int layer, RotaryTable? table, StepTokens tokens, RowsView queries, RowsView keys, RowsView values)
    {
        (_attention, _layer, _table, _tokens, _queries, _keys, _values) = (attention, layer, table, tokens, queries, keys, values);
        _queryNorm = weights.Norm(attention.QueryNorm);
        _keyNorm = weights.Norm(attention.KeyNorm);
    }

    protected override void Rows(int first, int last)
    {
        var attention = _attention!;
        for (var token = first; token < last; token++)
        {
            Prepare(_queries.Row(token), attention.Heads, attention.QueryNorm, _queryNorm, token);
            Prepare(_keys.Row(token), attention.KeyValueHeads, attention.KeyNorm, _keyNorm, token);
            var (block, offset) = _tokens!.Slot(token);
            cache.Write(attention, _layer, block, offset, _keys.Row(token), _values.Row(token));
        }
    }

    private void Prepare(float* row, int heads, NormDescription? norm, NormParameters parameters, int token)
    {
        for (var head = 0; head < heads; head++, row += _attention!.HeadSize)
        {
            if (norm is not null)
                kernels.Norm(norm.Kind, row, parameters.Weight, parameters.Bias, norm.Epsilon, norm.Size, row);
            if (_table is not null)
                kernels.Rotate(row, _table.Angles(_tokens!.Position(token)), _table.Pairs);
        }
    }
}
