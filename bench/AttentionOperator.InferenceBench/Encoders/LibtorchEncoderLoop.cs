using AttentionOperator.Inference;
using AttentionOperator.Inference.Execution.Torch;
using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace AttentionOperator.InferenceBench.Encoders;

/// <summary>The same model as a plain eager loop over libtorch: padded batches, scaled dot-product attention under a mask.</summary>
internal sealed class LibtorchEncoderLoop : IEncodingPeer
{
    private readonly EncoderShape _shape;
    private readonly TorchWeights _weights;

    public LibtorchEncoderLoop(EncoderShape shape, LoadedModel model, int? threads)
    {
        TorchRuntime.Initialize(threads);
        (_shape, _weights) = (shape, new TorchWeights(model.Weights, torch.ScalarType.Float32, torch.CPU));
    }

    public float[] Encode(int[][] sequences)
    {
        var padded = new Padded(sequences);
        using var mode = torch.inference_mode();
        using var scope = torch.NewDisposeScope();
        var ids = torch.tensor(padded.Ids, [padded.Count, padded.Length]);
        var real = torch.tensor(padded.Mask(), [padded.Count, padded.Length]).to_type(torch.ScalarType.Bool);
        // A mask costs the fast kernels of attention something, so that batches without padding go without.
        var mask = padded.Lengths.All(l => l == padded.Length) ? null : real.view(padded.Count, 1, 1, padded.Length);
        var x = Weight("embeddings.word_embeddings", EncoderShape.Vocabulary, _shape.Hidden).index_select(0, ids.view(-1)).view(padded.Count, padded.Length, _shape.Hidden)
            .add_(Weight("embeddings.position_embeddings", EncoderShape.Positions, _shape.Hidden).narrow(0, 0, padded.Length))
            .add_(Weight("embeddings.token_type_embeddings", EncoderShape.Types, _shape.Hidden).select(0, 0));
        x = Norm("embeddings.LayerNorm", x);
        for (var i = 0; i < _shape.Layers; i++)
        {
            using var layer = torch.NewDisposeScope();
            x = Layer(EncoderShape.Layer(i), x, mask).MoveToOuterDisposeScope();
        }

        var counted = real.to_type(torch.ScalarType.Float32).unsqueeze(-1);
        return (x * counted).sum(1).div_(counted.sum(1)).data<float>().ToArray();
    }

    public void Dispose() => _weights.Dispose();

    private torch.Tensor Layer(string name, torch.Tensor x, torch.Tensor? mask)
    {
        var (count, length) = (x.shape[0], x.shape[1]);
        torch.Tensor Heads(string part) => Linear(name + part, x, _shape.Hidden, _shape.Hidden).view(count, length, _shape.Heads, _shape.Hidden / _shape.Heads).transpose(1, 2);
        var mixed = functional.scaled_dot_product_attention(Heads("attention.self.query"), Heads("attention.self.key"), Heads("attention.self.value"), mask!);
        var attended = mixed.transpose(1, 2).reshape(count, length, _shape.Hidden);
        x = Norm(name + "attention.output.LayerNorm", Linear(name + "attention.output.dense", attended, _shape.Hidden, _shape.Hidden).add_(x));
        var inner = functional.gelu(Linear(name + "intermediate.dense", x, _shape.Inner, _shape.Hidden));
        return Norm(name + "output.LayerNorm", Linear(name + "output.dense", inner, _shape.Hidden, _shape.Inner).add_(x));
    }

    private torch.Tensor Linear(string name, torch.Tensor x, int rows, int columns) => functional.linear(x, Weight(name, rows, columns), Vector(name + ".bias", rows));

    private torch.Tensor Norm(string name, torch.Tensor x) => functional.layer_norm(x, [_shape.Hidden], Vector(name + ".weight", _shape.Hidden), Vector(name + ".bias", _shape.Hidden), EncoderShape.Epsilon);

    private torch.Tensor Weight(string name, int rows, int columns) => _weights.Get(new TensorDescription(name + ".weight", rows, columns));

    private torch.Tensor Vector(string name, int size) => _weights.Get(new TensorDescription(name, size));
}
