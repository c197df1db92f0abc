using AttentionOperator.SampleModels.Output;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace AttentionOperator.SampleModels.Decoder;

/// <summary>The training graph of the sample decoder, over parameters named as in published Llama checkpoints.</summary>
internal sealed class DecoderNetwork
{
    private readonly DecoderShape _shape;
    private readonly Tensor _cos;
    private readonly Tensor _sin;

    public DecoderNetwork(DecoderShape shape, int seed)
    {
        _shape = shape;
        Parameters = new ParameterSet(seed);
        var keyValue = shape.KeyValueHeads * shape.HeadSize;
        // Residual outputs start smaller the deeper the stack (GPT-2).
        var residual = 0.02 / Math.Sqrt(2 * shape.Layers);
        Parameters.Normal("model.embed_tokens.weight", 0.02, shape.Vocabulary, shape.Hidden);
        Parameters.Ones("model.norm.weight", shape.Hidden);
        for (var i = 0; i < shape.Layers; i++)
        {
            var p = $"model.layers.{i}.";
            Parameters.Ones(p + "input_layernorm.weight", shape.Hidden);
            Parameters.Ones(p + "post_attention_layernorm.weight", shape.Hidden);
            Parameters.Normal(p + "self_attn.q_proj.weight", 0.02, shape.Hidden, shape.Hidden);
            Parameters.Normal(p + "self_attn.k_proj.weight", 0.02, keyValue, shape.Hidden);
            Parameters.Normal(p + "self_attn.v_proj.weight", 0.02, keyValue, shape.Hidden);
            Parameters.Normal(p + "self_attn.o_proj.weight", residual, shape.Hidden, shape.Hidden);
            Parameters.Normal(p + "mlp.gate_proj.weight", 0.02, shape.Intermediate, shape.Hidden);
            Parameters.Normal(p + "mlp.up_proj.weight", 0.02, shape.Intermediate, shape.Hidden);
            Parameters.Normal(p + "mlp.down_proj.weight", residual, shape.Hidden, shape.Intermediate);
        }

        var half = shape.HeadSize / 2;
        var inverse = tensor(Enumerable.Range(0, half).Select(i => (float)Math.Pow(DecoderShape.RotaryBase, -2.0 * i / shape.HeadSize)).ToArray());
        var angles = outer(arange(shape.Positions, ScalarType.Float32), inverse);
        var both = cat([angles, angles], -1);
        _cos = both.cos();
        _sin = both.sin();
    }

    public ParameterSet Parameters { get; }

    /// <summary>Mean negative log-likelihood in nats of [B, T+1] ids, next token given all before.</summary>
    public Tensor Loss(Tensor ids)
    {
        var inputs = ids[TensorIndex.Colon, TensorIndex.Slice(0, -1)];
        var targets = ids[TensorIndex.Colon, TensorIndex.Slice(1)];
        var embedding = Parameters["model.embed_tokens.weight"];
        var x = embedding.index_select(0, inputs.reshape(-1)).view(inputs.shape[0], inputs.shape[1], _shape.Hidden);
        for (var i = 0; i < _shape.Layers; i++)
        {
            var p = $"model.layers.{i}.";
            x = x + Attention(Norm(x, p + "input_layernorm.weight"), p + "self_attn.");
            x = x + FeedForward(Norm(x, p + "post_attention_layernorm.weight"), p + "mlp.");
        }

        var logits = F.linear(Norm(x, "model.norm.weight"), embedding);
        return F.cross_entropy(logits.reshape(-1, _shape.Vocabulary), targets.reshape(-1));
    }

    private Tensor Norm(Tensor x, string weight) => x * rsqrt(x.pow(2).mean([-1], keepdim: true) + DecoderShape.Epsilon) * Parameters[weight];

    private Tensor Attention(Tensor x, string p)
    {
        var (batch, length) = (x.shape[0], x.shape[1]);
        var q = Rotate(Heads(F.linear(x, Parameters[p + "q_proj.weight"]), _shape.Heads), length);
        var k = Rotate(Heads(F.linear(x, Parameters[p + "k_proj.weight"]), _shape.KeyValueHeads), length);
        var v = Heads(F.linear(x, Parameters[p + "v_proj.weight"]), _shape.KeyValueHeads);
        var group = _shape.Heads / _shape.KeyValueHeads;
        var mixed = F.scaled_dot_product_attention(q, k.repeat_interleave(group, 1), v.repeat_interleave(group, 1), is_casual: true);
        return F.linear(mixed.transpose(1, 2).reshape(batch, length, _shape.Hidden), Parameters[p + "o_proj.weight"]);
    }

    private Tensor FeedForward(Tensor x, string p) =>
        F.linear(F.silu(F.linear(x, Parameters[p + "gate_proj.weight"])) * F.linear(x, Parameters[p + "up_proj.weight"]), Parameters[p + "down_proj.weight"]);

    private Tensor Heads(Tensor x, int heads) => x.view(x.shape[0], x.shape[1], heads, _shape.HeadSize).transpose(1, 2);

    private Tensor Rotate(Tensor x, long length)
    {
        var half = _shape.HeadSize / 2;
        var rotated = cat([-x[TensorIndex.Ellipsis, TensorIndex.Slice(half)], x[TensorIndex.Ellipsis, TensorIndex.Slice(0, half)]], -1);
        return (x * _cos.narrow(0, 0, length)) + (rotated * _sin.narrow(0, 0, length));
    }
}
