using AttentionOperator.Inference.Attention;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Probes;
using AttentionOperator.Inference.Simd.Kernels;
using AttentionOperator.Inference.Simd.Threading;
using AttentionOperator.Inference.Weights;

namespace AttentionOperator.Inference.Simd;

/// <summary>Attention of a step over the paged cache; one task per chunk of rows and key-value head.</summary>
internal sealed unsafe class AttentionWork : ParallelWork, IDisposable
{
    private readonly KernelSet _kernels;
    private readonly SimdPagedCache _cache;
    private readonly RotaryTables _rotary;
    private readonly NativeBuffer[] _scores, _rotated;
    private readonly NativeBuffer _entropy = new();
    private readonly List<RotaryTable> _tables = [];

    private AttentionDescription? _attention;
    private List<AttentionItem>? _items;
    private List<StepSequence>? _sequences;
    private RowsView _queries, _output;
    private int _layer;
    private AttentionEntropy? _probe;

    public AttentionWork(KernelSet kernels, SimdPagedCache cache, RotaryTables rotary, int workers)
    {
        (_kernels, _cache, _rotary) = (kernels, cache, rotary);
        _scores = [.. Enumerable.Range(0, workers).Select(_ => new NativeBuffer())];
        _rotated = [.. Enumerable.Range(0, workers).Select(_ => new NativeBuffer())];
    }

    /// <summary>Entropy of the last run, [tokens, heads]; of the tokens that were asked for.</summary>
    public float* Entropy => _entropy.Floats;

    /// <param name="queries">[tokens, heads · size], rotated unless rotation depends on the sequence's length; overwritten then.</param>
    public void Run(WorkerPool pool, AttentionDescription attention, int layer, List<AttentionItem> items, List<StepSequence> sequences, RowsView queries, RowsView output, AttentionEntropy? entropy)
    {
        (_attention, _layer, _items, _sequences, _queries, _output, _probe) = (attention, layer, items, sequences, queries, output, entropy);
        _tables.Clear();
        if (attention.Rotary is { DependsOnLength: true } rotary)
        {
            foreach (var sequence in sequences)
                _tables.Add(_rotary.ForLength(rotary, sequence.ContextLength + sequence.TokenCount));
        }

        if (entropy is not null)
            _entropy.ReserveFloats((long)queries.Rows * attention.Heads);
        pool.Run(this, items.Count * attention.KeyValueHeads);
    }

    public override void Run(int task, int worker)
    {
        var attention = _attention!;
        var (item, head) = (_items![task / attention.KeyValueHeads], task % attention.KeyValueHeads);
        var sequence = _sequences![item.Sequence];
        var table = _tables.Count == 0 ? null : _tables[item.Sequence];
        var (chunk, group, size) = (item.Chunk, attention.Heads / attention.KeyValueHeads, attention.HeadSize);
        var token = sequence.TokenStart + chunk.QueryStart - sequence.ContextLength;
        if (table is not null)
            RotateQueries(table, token, chunk, head * group, group, size);
        if (chunk.Rows == 1)
        {
            // The heads of a group are the rows: their keys are read once.
            var first = head * group * size;
            var pass = new Pass(sequence, chunk, head, head * group, token, RowsAreHeads: true);
            Attend(pass, table, worker, new RowsView(_queries.Row(token) + first, size, group), new RowsView(_output.Row(token) + first, size, group));
            return;
        }

        for (var h = head * group; h < (head + 1) * group; h++)
        {
            var pass = new Pass(sequence, chunk, head, h, token, RowsAreHeads: false);
            Attend(pass, table, worker, new RowsView(_queries.Row(token) + h * size, _queries.Stride, chunk.Rows), new RowsView(_output.Row(token) + h * size, _output.Stride, chunk.Rows));
        }
    }

    public void Dispose()
    {
        foreach (var buffer in _scores.Concat(_rotated).Append(_entropy))
            buffer.Dispose();
    }

    private void RotateQueries(RotaryTable table, int token, AttentionChunk chunk, int firstHead, int count, int size)
    {
        for (var row = 0; row < chunk.Rows; row++)
            for (var h = firstHead; h < firstHead + count; h++)
                _kernels.Rotate(_queries.Row(token + row) + h * size, table.Angles(chunk.QueryStart + row), table.Pairs);
    }

    private void Attend(in Pass pass, RotaryTable? table, int worker, RowsView queries, RowsView output)
    {
        var (chunk, size) = (pass.Chunk, _attention!.HeadSize);
        var width = AttentionSchedule.PaddedKeys(chunk);
        var scores = new RowsView(_scores[worker].ReserveFloats((width + 1L) * queries.Rows), width, queries.Rows);
        var factors = scores.Row(queries.Rows);
        var second = AttentionSchedule.Padded(chunk.First);
        Score(pass, chunk.First, table, worker, queries, scores, 0);
        Score(pass, chunk.Second, table, worker, queries, scores, second);
        for (var row = 0; row < queries.Rows; row++)
            new Span<float>(output.Row(row), size).Clear();
        for (var row = 0; row < queries.Rows; row++)
            factors[row] = Softmax(pass, row, scores.Row(row), width, second);

        Mix(pass, chunk.First, scores, 0, output);
        Mix(pass, chunk.Second, scores, second, output);
        for (var row = 0; row < queries.Rows; row++)
            _kernels.Scale(output.Row(row), factors[row], size);
    }

    private void Score(in Pass pass, KeyRange range, RotaryTable? table, int worker, RowsView queries, RowsView scores, int column)
    {
        var (attention, size) = (_attention!, _attention!.HeadSize);
        var start = AttentionSchedule.AlignedStart(range);
        for (int position = start, count; range.Length > 0 && position < range.End; position += count)
        {
            var (block, offset) = (pass.Sequence.BlockTable[position / _cache.BlockSize], position % _cache.BlockSize);
            count = Math.Min(_cache.BlockSize - offset, range.End - position);
            var keys = _cache.Keys(attention, _layer, block, pass.KeyValueHead, offset);
            var type = _cache.Type;
            if (table is not null)
            {
                keys = (byte*)Rotated(table, worker, keys, position, count, size);
                type = ElementType.Float32;
            }

            var y = new RowsView(scores.Data + column + position - start, scores.Stride, scores.Rows);
            _kernels.Dot(type, queries, size, new StoredView(keys, (nint)size * type.Size(), RowSelection.All(count)), 0, count, y);
        }
    }

    private float* Rotated(RotaryTable table, int worker, byte* keys, int position, int count, int size)
    {
        var copy = _rotated[worker].ReserveFloats((long)_cache.BlockSize * size);
        for (var i = 0; i < count * size; i++)
            copy[i] = _cache.Type == ElementType.Float32 ? Float32Format.Load(keys + 4 * i) : BFloat16Format.Load(keys + 2 * i);
        for (var i = 0; i < count; i++)
            _kernels.Rotate(copy + i * size, table.Angles(position + i), table.Pairs);
        return copy;
    }

    private void Mix(in Pass pass, KeyRange range, RowsView scores, int column, RowsView output)
    {
        var (attention, size) = (_attention!, _attention!.HeadSize);
        var start = AttentionSchedule.AlignedStart(range);
        for (int position = start, count; range.Length > 0 && position < range.End; position += count)
        {
            var (block, offset) = (pass.Sequence.BlockTable[position / _cache.BlockSize], position % _cache.BlockSize);
            count = Math.Min(_cache.BlockSize - offset, range.End - position);
            var values = _cache.Values(attention, _layer, block, pass.KeyValueHead, offset);
            var weights = new RowsView(scores.Data + column + position - start, scores.Stride, scores.Rows);
            _kernels.Outer(_cache.Type, weights, count, values, (nint)size * _cache.Type.Size(), 0, size, output);
        }
    }

    /// <summary>Scores become exponentials; returns the factor that makes them sum to one.</summary>
    private float Softmax(in Pass pass, int row, float* scores, int width, int second)
    {
        var (attention, chunk) = (_attention!, pass.Chunk);
        var query = chunk.QueryStart + (pass.RowsAreHeads ? 0 : row);
        _kernels.Scale(scores, attention.Scale, width);
        if (attention.SoftCap is { } cap)
            _kernels.SoftCap(scores, cap, width);
        Mask(attention.Mask, query, chunk.First, scores);
        Mask(attention.Mask, query, chunk.Second, scores + second);

        var (token, head) = pass.RowsAreHeads ? (pass.Token, pass.Head + row) : (pass.Token + row, pass.Head);
        if (_probe?.Wants(token) == true)
            _entropy.Floats[(long)token * attention.Heads + head] = EntropyOf(scores, width);

        return 1 / _kernels.Exponentials(scores, width);
    }

    /// <summary>Minus infinity where the query does not see the key, padding included.</summary>
    private static void Mask(AttentionMask mask, int query, KeyRange range, float* scores)
    {
        if (range.Length == 0)
            return;
        var start = AttentionSchedule.AlignedStart(range);
        var low = (int)Math.Max(range.Start, (long)query - mask.Before);
        var high = (int)Math.Max(low, Math.Min(range.End, (long)query + mask.After + 1));
        var all = new Span<float>(scores, AttentionSchedule.Padded(range));
        all[..(Math.Min(low, range.End) - start)].Fill(float.NegativeInfinity);
        all[(Math.Min(high, range.End) - start)..].Fill(float.NegativeInfinity);
        if (mask.Sparse is null)
            return;
        for (var key = low; key < high; key++)
            if (!mask.Sparse.Allows(query, key))
                all[key - start] = float.NegativeInfinity;
    }

    /// <summary>H = ln Z − Σ e·s / Z over s = score − max, e = exp s, Z = Σ e.</summary>
    private static float EntropyOf(float* scores, int width)
    {
        var max = float.NegativeInfinity;
        for (var i = 0; i < width; i++)
            max = MathF.Max(max, scores[i]);
        double z = 0, sum = 0;
        for (var i = 0; i < width; i++)
        {
            var shifted = scores[i] - max;
            if (float.IsNegativeInfinity(shifted))
                continue;
            var e = Math.Exp(shifted);
            z += e;
            sum += e * shifted;
        }

        return (float)(Math.Log(z) - sum / z);
    }

    /// <param name="Head">The query head, or the first of a group whose heads are the rows.</param>
    /// <param name="Token">The chunk's first token in the step.</param>
    private readonly record struct Pass(StepSequence Sequence, AttentionChunk Chunk, int KeyValueHead, int Head, int Token, bool RowsAreHeads);
}
