using AttentionOperator.SampleModels.Output;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace AttentionOperator.SampleModels.Encoder;

/// <summary>The training graph of the sample encoder, over parameters named as in published BERT checkpoints (without prefix).</summary>
internal sealed class EncoderNetwork
{
    private readonly EncoderShape _shape;

    public EncoderNetwork(EncoderShape shape, int seed)
    {
        _shape = shape;
        Parameters = new ParameterSet(seed);
        Parameters.Normal("embeddings.word_embeddings.weight", 0.02, shape.Vocabulary, shape.Hidden);
        Parameters.Normal("embeddings.position_embeddings.weight", 0.02, shape.Positions, shape.Hidden);
        Parameters.Normal("embeddings.token_type_embeddings.weight", 0.02, 2, shape.Hidden);
        NormParameters("embeddings.LayerNorm");
        for (var i = 0; i < shape.Layers; i++)
        {
            var p = $"encoder.layer.{i}.";
            foreach (var name in new[] { "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense" }) LinearParameters(p + name, shape.Hidden, shape.Hidden);
            NormParameters(p + "attention.output.LayerNorm");
            LinearParameters(p + "intermediate.dense", shape.Intermediate, shape.Hidden);
            LinearParameters(p + "output.dense", shape.Hidden, shape.Intermediate);
            NormParameters(p + "output.LayerNorm");
        }
    }

    public ParameterSet Parameters { get; }

    /// <summary>Mean-pooled, normalised vectors [B, H] of right-padded ids [B, T] with mask [B, T] (1 = real).</summary>
    public Tensor Embed(Tensor ids, Tensor mask)
    {
        var length = ids.shape[1];
        var x = Parameters["embeddings.word_embeddings.weight"].index_select(0, ids.reshape(-1)).view(ids.shape[0], length, _shape.Hidden)
            + Parameters["embeddings.position_embeddings.weight"].narrow(0, 0, length)
            + Parameters["embeddings.token_type_embeddings.weight"][0];
        x = Norm(x, "embeddings.LayerNorm");
        var bias = ((1 - mask) * -1e9f).view(mask.shape[0], 1, 1, length);
        for (var i = 0; i < _shape.Layers; i++)
        {
            var p = $"encoder.layer.{i}.";
            x = Norm(x + Attention(x, bias, p + "attention."), p + "attention.output.LayerNorm");
            x = Norm(x + Linear(F.gelu(Linear(x, p + "intermediate.dense")), p + "output.dense"), p + "output.LayerNorm");
        }

        var weights = mask.unsqueeze(-1);
        return F.normalize((x * weights).sum(1) / weights.sum(1), dim: -1);
    }

    private Tensor Attention(Tensor x, Tensor bias, string p)
    {
        var (batch, length) = (x.shape[0], x.shape[1]);
        var q = Heads(Linear(x, p + "self.query"));
        var k = Heads(Linear(x, p + "self.key"));
        var v = Heads(Linear(x, p + "self.value"));
        var weights = F.softmax((q.matmul(k.transpose(-1, -2)) / Math.Sqrt(_shape.HeadSize)) + bias, -1);
        return Linear(weights.matmul(v).transpose(1, 2).reshape(batch, length, _shape.Hidden), p + "output.dense");
    }

    private Tensor Heads(Tensor x) => x.view(x.shape[0], x.shape[1], _shape.Heads, _shape.HeadSize).transpose(1, 2);

    private Tensor Linear(Tensor x, string name) => F.linear(x, Parameters[name + ".weight"], Parameters[name + ".bias"]);

    private Tensor Norm(Tensor x, string name) => F.layer_norm(x, [_shape.Hidden], Parameters[name + ".weight"], Parameters[name + ".bias"], EncoderShape.Epsilon);

    private void LinearParameters(string name, int outputs, int inputs)
    {
        Parameters.Normal(name + ".weight", 0.04, outputs, inputs);
        Parameters.Zeros(name + ".bias", outputs);
    }

    private void NormParameters(string name)
    {
        Parameters.Ones(name + ".weight", _shape.Hidden);
        Parameters.Zeros(name + ".bias", _shape.Hidden);
    }
}
