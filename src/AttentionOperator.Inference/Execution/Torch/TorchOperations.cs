using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>The operations that are the same for every kind of batch; what a token sees is the subclass's matter.</summary>
internal abstract class TorchOperations(TorchWeights weights) : ILayerOperations<torch.Tensor>, IDisposable
{
    private DisposeScope? _layer;
    private torch.Tensor? _previous;

    public TorchWeights Weights { get; } = weights;

    /// <summary>Called with 0 and the embedding, then with i and the output of layer i.</summary>
    public Action<int, torch.Tensor>? Observer { get; set; }

    /// <summary>Called where most intermediate results are alive; for measuring memory.</summary>
    public Action? Checkpoint
    {
        get => Attention.Checkpoint;
        set => Attention.Checkpoint = value;
    }

    /// <summary>Looks at self-attention.</summary>
    public IAttentionProbe? Probe { get; set; }

    protected TorchAttention Attention { get; } = new(weights);

    protected RotaryAngles Angles { get; } = new(weights.Device);

    /// <summary>Position of each token of the step.</summary>
    protected List<int> Positions { get; } = [];

    /// <summary>Runs a stack over the step's tokens; the result is in the caller's dispose scope.</summary>
    public torch.Tensor Run(StackDescription stack, torch.Tensor embedded)
    {
        Angles.Reset();
        Observer?.Invoke(0, embedded);
        _layer = torch.NewDisposeScope();
        try
        {
            return LayerProgram.Run<torch.Tensor, TorchOperations>(this, stack.Layers, embedded);
        }
        finally
        {
            _layer.Dispose();
            (_layer, _previous) = (null, null);
        }
    }

    public torch.Tensor Embed(EmbeddingDescription embedding, List<int> ids, List<int>? types, List<int> positionRows)
    {
        var hidden = Lookup(embedding.Tokens, ids);
        if (embedding.Scale != 1)
            hidden = hidden * embedding.Scale;
        if (embedding.Positions is { } positions)
            hidden = hidden.add_(Lookup(positions, positionRows));
        if (embedding.Types is { } table)
            hidden = hidden.add_(types is null ? Weights.Get(table).narrow(0, 0, 1) : Lookup(table, types));
        return embedding.Norm is { } norm ? Norm(norm, hidden) : hidden;
    }

    /// <summary>Rows of the position table, by the tokens' positions.</summary>
    public List<int> PositionRows(EmbeddingDescription embedding) =>
        embedding.Positions is null || embedding.PositionOffset == 0 ? Positions : Positions.ConvertAll(p => p + embedding.PositionOffset);

    public torch.Tensor Norm(NormDescription norm, torch.Tensor input)
    {
        if (Weights.Fuse && norm.Kind == NormKind.RmsNorm && FusedNorm.IsThere && Weights.Device.type == DeviceType.CUDA)
            return FusedNorm.Apply(input, norm, Weights.NormWeight(norm));
        using var scope = torch.NewDisposeScope();
        var bias = norm.Bias is null ? null : Weights.Get(norm.Bias, torch.ScalarType.Float32);
        return TorchMath.Norm(norm, input, Weights.Get(norm.Weight, torch.ScalarType.Float32), bias).MoveToOuterDisposeScope();
    }

    public torch.Tensor NormInPlace(NormDescription norm, torch.Tensor input) => Norm(norm, input);

    public torch.Tensor Linear(LinearDescription linear, torch.Tensor input) => TorchLinear.Select(linear, Weights.Linear(linear).Apply(input));

    public torch.Tensor FeedForward(FeedForwardDescription feedForward, torch.Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor inner;
        if (feedForward.Gate is { } gate)
        {
            var (gated, up) = Pair(gate, feedForward.Up, input);
            inner = TorchMath.Activate(feedForward.Activation, gated).mul_(up);
        }
        else
        {
            inner = TorchMath.Activate(feedForward.Activation, Linear(feedForward.Up, input));
        }

        var result = Linear(feedForward.Down, inner).MoveToOuterDisposeScope();
        Checkpoint?.Invoke();
        return result;
    }

    public torch.Tensor Add(torch.Tensor left, torch.Tensor right) => left.add_(right);

    public torch.Tensor EndLayer(int layer, torch.Tensor output)
    {
        output.MoveToOuterDisposeScope();
        _layer!.Dispose();
        _previous?.Dispose();
        _previous = output;
        _layer = torch.NewDisposeScope();
        Observer?.Invoke(layer + 1, output);
        return output;
    }

    public torch.Tensor SelfAttention(AttentionDescription attention, int layer, torch.Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        return Linear(attention.Output, AttendToSelf(attention, layer, input)).MoveToOuterDisposeScope();
    }

    public torch.Tensor CrossAttention(AttentionDescription attention, int layer, torch.Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        return Linear(attention.Output, AttendToEncoder(attention, layer, input)).MoveToOuterDisposeScope();
    }

    public virtual void Dispose() => Angles.Dispose();

    /// <summary>[tokens, heads·size], before the output projection.</summary>
    protected abstract torch.Tensor AttendToSelf(AttentionDescription attention, int layer, torch.Tensor input);

    protected virtual torch.Tensor AttendToEncoder(AttentionDescription attention, int layer, torch.Tensor input) =>
        throw new InvalidOperationException("this stack has no cross-attention");

    /// <summary>Queries [tokens, heads, size], keys and values [tokens, kvHeads, size], head norms applied, not rotated.</summary>
    protected (torch.Tensor Queries, torch.Tensor Keys, torch.Tensor Values) Project(AttentionDescription attention, torch.Tensor input)
    {
        torch.Tensor queries, keys, values;
        if (attention.Query.Weight.Name == attention.Key.Weight.Name)
        {
            var fused = Weights.Linear(attention.Query).Apply(input);
            (queries, keys, values) = (TorchLinear.Select(attention.Query, fused), TorchLinear.Select(attention.Key, fused), TorchLinear.Select(attention.Value, fused));
        }
        else
        {
            (queries, keys, values) = (Linear(attention.Query, input), Linear(attention.Key, input), Linear(attention.Value, input));
        }

        queries = Heads(queries, attention.Heads, attention.HeadSize);
        keys = Heads(keys, attention.KeyValueHeads, attention.HeadSize);
        values = Heads(values, attention.KeyValueHeads, attention.HeadSize);
        return (attention.QueryNorm is { } q ? Norm(q, queries) : queries, attention.KeyNorm is { } k ? Norm(k, keys) : keys, values);
    }

    /// <summary>The same, rotated, where the rotation does not depend on the sequence's length.</summary>
    protected (torch.Tensor Queries, torch.Tensor Keys, torch.Tensor Values) ProjectAndRotate(AttentionDescription attention, torch.Tensor input)
    {
        if (attention.Rotary is not { DependsOnLength: false } rotary)
            return Project(attention, input);
        if (Weights.Fuse && attention is { QueryNorm: null, KeyNorm: null } && rotary.Frequencies.Count * 2 == attention.HeadSize && Weights.Joined(attention.Query, attention.Key, attention.Value) is { } joined)
        {
            // Queries and keys lie side by side in the joined product and rotate together.
            var heads = Heads(joined.Apply(input), attention.Heads + 2 * attention.KeyValueHeads, attention.HeadSize);
            var (bothCos, bothSin) = Angles.WholeOfStep(rotary, Positions);
            var rotated = TorchMath.RotateWhole(heads.narrow(1, 0, attention.Heads + attention.KeyValueHeads), bothCos, bothSin);
            return (rotated.narrow(1, 0, attention.Heads), rotated.narrow(1, attention.Heads, attention.KeyValueHeads), heads.narrow(1, attention.Heads + attention.KeyValueHeads, attention.KeyValueHeads));
        }

        var (queries, keys, values) = Project(attention, input);
        var (cos, sin) = Angles.OfStep(rotary, Positions);
        return (TorchMath.Rotate(queries, cos, sin), TorchMath.Rotate(keys, cos, sin), values);
    }

    protected static torch.Tensor Heads(torch.Tensor x, int heads, int size) => x.reshape(x.shape[0], heads, size);

    private (torch.Tensor First, torch.Tensor Second) Pair(LinearDescription first, LinearDescription second, torch.Tensor input)
    {
        if (first.Weight.Name != second.Weight.Name)
        {
            if (!Weights.Fuse || Weights.Joined(first, second) is not { } joined)
                return (Linear(first, input), Linear(second, input));
            var both = joined.Apply(input);
            return (both.narrow(1, 0, first.OutputSize), both.narrow(1, first.OutputSize, second.OutputSize));
        }

        var fused = Weights.Linear(first).Apply(input);
        return (TorchLinear.Select(first, fused), TorchLinear.Select(second, fused));
    }

    /// <summary>Rows of a table, in the arithmetic's type; the table itself stays as stored.</summary>
    private torch.Tensor Lookup(TensorDescription table, List<int> rows)
    {
        var index = new long[rows.Count];
        for (var i = 0; i < index.Length; i++)
            index[i] = (uint)rows[i] < (uint)table.Shape[0] ? rows[i] : throw new ArgumentOutOfRangeException(nameof(rows), rows[i], $"{table.Name} has {table.Shape[0]} rows");
        var found = Weights.Stored(table).index_select(0, torch.tensor(index, device: Weights.Device));
        return found.dtype == Weights.Type ? found : found.to_type(Weights.Type);
    }
}
