using System.Globalization;
using AttentionOperator.Inference;
using AttentionOperator.Inference.Execution.Torch;
using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace AttentionOperator.InferenceBench.Decoders;

/// <summary>The same model as a plain eager loop over libtorch: contiguous caches, scaled dot-product attention, left-padding by equal lengths.</summary>
internal sealed class LibtorchLoop : IDecodingPeer
{
    private readonly TorchWeights _weights;
    private readonly torch.ScalarType _type;
    private readonly torch.Tensor[] _keys, _values;
    private readonly torch.Tensor _cos, _sin;
    private torch.Tensor? _next;
    private int _batch, _length;

    public LibtorchLoop(LoadedModel model, torch.ScalarType type, int? threads, int maxBatch, int maxLength)
    {
        TorchRuntime.Initialize(threads);
        (_type, _weights) = (type, new TorchWeights(model.Weights, type, torch.CPU));
        torch.Tensor Cache() => torch.zeros([maxBatch, LlamaShape.KeyValueHeads, maxLength, LlamaShape.HeadSize], dtype: type);
        _keys = [.. Enumerable.Range(0, LlamaShape.Layers).Select(_ => Cache())];
        _values = [.. Enumerable.Range(0, LlamaShape.Layers).Select(_ => Cache())];
        var pairs = LlamaShape.HeadSize / 2;
        var angles = torch.arange(maxLength, torch.float32).unsqueeze(1) * torch.pow(10000f, torch.arange(pairs, torch.float32) / -pairs).unsqueeze(0);
        (_cos, _sin) = (torch.cat([angles.cos(), angles.cos()], 1).to_type(type), torch.cat([angles.sin(), angles.sin()], 1).to_type(type));
    }

    public void Prefill(int[][] prompts)
    {
        (_batch, _length) = (prompts.Length, 0);
        using var ids = torch.tensor(prompts.SelectMany(p => p.Select(id => (long)id)).ToArray(), [_batch, prompts[0].Length]);
        Forward(ids);
    }

    public void Step() => Forward(_next!);

    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values).Append(_cos).Append(_sin))
            tensor.Dispose();
        _next?.Dispose();
        _weights.Dispose();
    }

    private void Forward(torch.Tensor ids)
    {
        using var mode = torch.inference_mode();
        using var scope = torch.NewDisposeScope();
        var tokens = (int)ids.shape[1];
        var x = Weight("model.embed_tokens.weight", LlamaShape.Vocabulary, LlamaShape.Hidden).index_select(0, ids.view(-1)).view(_batch, tokens, LlamaShape.Hidden);
        for (var i = 0; i < LlamaShape.Layers; i++)
        {
            using var layer = torch.NewDisposeScope();
            x = Layer(i, x, tokens).MoveToOuterDisposeScope();
        }

        _length += tokens;
        var last = Norm("model.norm.weight", x.narrow(1, tokens - 1, 1));
        var logits = functional.linear(last, Weight("lm_head.weight", LlamaShape.Vocabulary, LlamaShape.Hidden));
        _next?.Dispose();
        _next = logits.argmax(-1).DetachFromDisposeScope();
        GC.KeepAlive(_next.data<long>()[0]);
    }

    private torch.Tensor Layer(int index, torch.Tensor x, int tokens)
    {
        const int Hidden = LlamaShape.Hidden;
        var name = string.Create(CultureInfo.InvariantCulture, $"model.layers.{index}.");
        var normed = Norm(name + "input_layernorm.weight", x);
        torch.Tensor Heads(string projection, int heads) =>
            functional.linear(normed, Weight(name + projection, heads * LlamaShape.HeadSize, Hidden)).view(_batch, tokens, heads, LlamaShape.HeadSize).transpose(1, 2);
        var (q, k, v) = (Rotate(Heads("self_attn.q_proj.weight", LlamaShape.Heads), tokens), Rotate(Heads("self_attn.k_proj.weight", LlamaShape.KeyValueHeads), tokens), Heads("self_attn.v_proj.weight", LlamaShape.KeyValueHeads));
        var (keys, values) = (_keys[index].narrow(0, 0, _batch), _values[index].narrow(0, 0, _batch));
        keys.narrow(2, _length, tokens).copy_(k);
        values.narrow(2, _length, tokens).copy_(v);
        var attended = Attend(q, keys.narrow(2, 0, _length + tokens), values.narrow(2, 0, _length + tokens), tokens);
        x = x + functional.linear(attended, Weight(name + "self_attn.o_proj.weight", Hidden, Hidden));
        normed = Norm(name + "post_attention_layernorm.weight", x);
        var inner = functional.silu(functional.linear(normed, Weight(name + "mlp.gate_proj.weight", LlamaShape.Inner, Hidden)), inplace: true)
            .mul_(functional.linear(normed, Weight(name + "mlp.up_proj.weight", LlamaShape.Inner, Hidden)));
        return x.add_(functional.linear(inner, Weight(name + "mlp.down_proj.weight", Hidden, LlamaShape.Inner)));
    }

    private torch.Tensor Attend(torch.Tensor q, torch.Tensor keys, torch.Tensor values, int tokens)
    {
        const int Group = LlamaShape.Heads / LlamaShape.KeyValueHeads;
        if (tokens == 1)
        {
            // The heads of a group as rows: no keys are repeated.
            var grouped = q.reshape(_batch, LlamaShape.KeyValueHeads, Group, LlamaShape.HeadSize);
            return functional.scaled_dot_product_attention(grouped, keys, values).reshape(_batch, 1, LlamaShape.Hidden);
        }

        var mixed = functional.scaled_dot_product_attention(q, keys.repeat_interleave(Group, 1), values.repeat_interleave(Group, 1), is_casual: true);
        return mixed.transpose(1, 2).reshape(_batch, tokens, LlamaShape.Hidden);
    }

    private torch.Tensor Rotate(torch.Tensor x, int tokens)
    {
        var halves = x.chunk(2, -1);
        return x * _cos.narrow(0, _length, tokens) + torch.cat([-halves[1], halves[0]], -1) * _sin.narrow(0, _length, tokens);
    }

    private torch.Tensor Norm(string name, torch.Tensor x)
    {
        var wide = x.to_type(torch.ScalarType.Float32);
        return (wide * wide.square().mean([-1L], keepdim: true).add_(1e-5f).rsqrt_()).to_type(_type) * Weight(name, LlamaShape.Hidden);
    }

    private torch.Tensor Weight(string name, params int[] shape) => _weights.Get(new TensorDescription(name, shape));
}
