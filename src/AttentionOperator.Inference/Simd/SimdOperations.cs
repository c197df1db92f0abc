using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Probes;
using AttentionOperator.Inference.Simd.Kernels;
using AttentionOperator.Inference.Simd.Threading;

namespace AttentionOperator.Inference.Simd;

/// <summary>One of the step's activation buffers, [tokens, hidden].</summary>
internal readonly record struct SimdActivation(int Buffer);

/// <summary>Operations of a decoder step, over buffers that are kept between steps.</summary>
internal sealed unsafe class SimdOperations : ILayerOperations<SimdActivation>, IDisposable
{
    /// <summary>Rows of the feed-forward's inner activations at a time: enough to be bound by arithmetic, and they stay in the cache.</summary>
    public const int FeedForwardRows = 256;

    /// <summary>Layer input, attention's result and feed-forward's result; then the norm of any of them.</summary>
    private const int Streams = 3, NormBuffer = 3;

    private readonly KernelSet _kernels;
    private readonly SimdWeights _weights;
    private readonly WorkerPool _pool;
    private readonly RotaryTables _rotary;
    private readonly AttentionSchedule _schedule = new();
    private readonly StepTokens _tokens;
    private readonly SimdProducts _products;
    private readonly NormWork _norm;
    private readonly AdditionWork _addition;
    private readonly ActivationWork _activation;
    private readonly CacheWork _cacheWork;
    private readonly AttentionWork _attention;
    private readonly EmbeddingWork _embedding;
    private readonly NativeBuffer[] _buffers = [new(), new(), new(), new()];
    private readonly NativeBuffer _queries = new(), _keys = new(), _values = new(), _attended = new(), _inner = new(), _up = new();
    private readonly bool[] _used = new bool[Streams];
    private readonly StackDescription _stack;
    private readonly int _hidden;
    private StepBatch _batch = new();

    public SimdOperations(ModelDescription model, SimdWeights weights, SimdPagedCache cache, KernelSet kernels, WorkerPool pool)
    {
        (_stack, _hidden, _weights, _kernels, _pool) = (model.Decoder!, model.HiddenSize, weights, kernels, pool);
        _rotary = new RotaryTables(_stack);
        _tokens = new StepTokens(cache.BlockSize);
        _products = new SimdProducts(kernels, weights, pool);
        (_norm, _addition, _activation) = (new NormWork(kernels), new AdditionWork(kernels), new ActivationWork(kernels));
        _cacheWork = new CacheWork(kernels, cache, weights);
        _attention = new AttentionWork(kernels, cache, _rotary, pool.Count);
        _embedding = new EmbeddingWork(kernels, weights, _stack.Embedding);
    }

    /// <summary>Where to report the entropy of self-attention; null = nowhere.</summary>
    public AttentionEntropy? Entropy { get; set; }

    /// <summary>Runs the stack over the step's tokens; the result stays valid until the next step.</summary>
    public RowsView Run(StepBatch batch)
    {
        _batch = batch;
        _tokens.Begin(batch);
        _schedule.Begin();
        _rotary.Begin(_tokens.MaxLength);
        Array.Clear(_used);
        var rows = _tokens.Count;
        foreach (var buffer in _buffers)
            buffer.ReserveFloats((long)rows * _hidden);
        var hidden = Take();
        _embedding.Set(batch.TokenIds, _tokens, View(hidden), _hidden);
        _embedding.RunRows(_pool, rows);
        if (_stack.Embedding.Norm is { } norm)
            hidden = NormInPlace(norm, hidden);
        return View(LayerProgram.Run<SimdActivation, SimdOperations>(this, _stack.Layers, hidden));
    }

    public SimdActivation Norm(NormDescription norm, SimdActivation input)
    {
        var output = new SimdActivation(NormBuffer);
        Norm(norm, View(input), View(output));
        return output;
    }

    public SimdActivation NormInPlace(NormDescription norm, SimdActivation input)
    {
        Norm(norm, View(input), View(input));
        return input;
    }

    public void Norm(NormDescription norm, RowsView x, RowsView y)
    {
        _norm.Set(norm, _weights.Norm(norm), x, y);
        _norm.RunRows(_pool, x.Rows);
    }

    /// <summary>One projection of all rows.</summary>
    public void Linear(LinearDescription linear, RowsView x, RowsView y)
    {
        _products.Begin(linear, x);
        _products.Add(linear, y);
        _products.Run();
    }

    public SimdActivation SelfAttention(AttentionDescription attention, int layer, SimdActivation input)
    {
        var rows = _tokens.Count;
        var queries = Rows(_queries, rows, attention.QuerySize);
        var (keys, values) = (Rows(_keys, rows, attention.KeyValueSize), Rows(_values, rows, attention.KeyValueSize));
        _products.Begin(attention.Query, View(input));
        _products.Add(attention.Query, queries);
        _products.Add(attention.Key, keys);
        _products.Add(attention.Value, values);
        _products.Run();

        _cacheWork.Set(attention, layer, _rotary.OfLayer(layer), _tokens, queries, keys, values);
        _cacheWork.RunRows(_pool, rows);
        var attended = Rows(_attended, rows, attention.QuerySize);
        _attention.Run(_pool, attention, layer, _schedule.For(attention.Mask, _batch.Sequences), _batch.Sequences, queries, attended, Entropy);
        if (Entropy is not null)
            Report(Entropy, attention, layer);
        var output = Take();
        Linear(attention.Output, attended, View(output));
        return output;
    }

    public SimdActivation CrossAttention(AttentionDescription attention, int layer, SimdActivation input) =>
        throw new InvalidOperationException("this executor runs decoders without cross-attention");

    public SimdActivation FeedForward(FeedForwardDescription feedForward, SimdActivation input)
    {
        var output = Take();
        var size = feedForward.Up.OutputSize;
        for (var start = 0; start < _tokens.Count; start += FeedForwardRows)
        {
            var count = Math.Min(FeedForwardRows, _tokens.Count - start);
            var (x, y) = (View(input).Slice(start, count), View(output).Slice(start, count));
            var inner = Rows(_inner, count, size);
            _products.Begin(feedForward.Up, x);
            var up = default(RowsView);
            if (feedForward.Gate is { } gate)
            {
                up = Rows(_up, count, size);
                _products.Add(gate, inner);
                _products.Add(feedForward.Up, up);
            }
            else
            {
                _products.Add(feedForward.Up, inner);
            }

            _products.Run();
            _activation.Set(feedForward.Activation, inner, up.Data, size);
            _activation.RunRows(_pool, count);
            Linear(feedForward.Down, inner, y);
        }

        return output;
    }

    public SimdActivation Add(SimdActivation left, SimdActivation right)
    {
        _addition.Set(View(left), View(right), _hidden);
        _addition.RunRows(_pool, _tokens.Count);
        return left;
    }

    public SimdActivation EndLayer(int layer, SimdActivation output)
    {
        Array.Clear(_used);
        _used[output.Buffer] = true;
        return output;
    }

    public void Dispose()
    {
        foreach (var buffer in _buffers)
            buffer.Dispose();
        foreach (var buffer in new[] { _queries, _keys, _values, _attended, _inner, _up })
            buffer.Dispose();
        _products.Dispose();
        _attention.Dispose();
        _rotary.Dispose();
    }

    private static RowsView Rows(NativeBuffer buffer, int rows, int size) => new(buffer.ReserveFloats((long)rows * size), size, rows);

    private RowsView View(SimdActivation activation) => new(_buffers[activation.Buffer].Floats, _hidden, _tokens.Count);

    private SimdActivation Take()
    {
        var free = Array.IndexOf(_used, false);
        _used[free] = true;
        return new SimdActivation(free);
    }

    private void Report(AttentionEntropy entropy, AttentionDescription attention, int layer)
    {
        foreach (var sequence in _batch.Sequences)
        {
            for (var i = 0; i < sequence.TokenCount; i++)
            {
                if (!entropy.Wants(sequence.TokenStart + i))
                    continue;
                var (query, visible) = (sequence.ContextLength + i, 0);
                for (var key = 0; key <= query; key++)
                    visible += attention.Mask.Allows(query, key) ? 1 : 0;
                entropy.Add(layer, new ReadOnlySpan<float>(_attention.Entropy + (long)(sequence.TokenStart + i) * attention.Heads, attention.Heads), visible);
            }
        }
    }
}
