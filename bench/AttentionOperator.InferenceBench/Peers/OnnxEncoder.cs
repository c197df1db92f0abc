using System.Globalization;
using System.Runtime.InteropServices;
using AttentionOperator.Inference;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.InferenceBench.Encoders;

namespace AttentionOperator.InferenceBench.Peers;

/// <summary>
/// The bench's BERT as an ONNX graph, written with the fused operators of ONNX Runtime (Attention with one product for queries, keys and values,
/// SkipLayerNormalization, BiasGelu): what its own transformer optimizer makes of an exported model. Inputs ids [batch, length] and lengths [batch].
/// </summary>
internal sealed class OnnxEncoder(EncoderShape shape, LoadedModel model)
{
    private const string Contributed = "com.microsoft";
    private const int Float = 1, Int32 = 6, Int64 = 7;

    private readonly ProtobufMessage _graph = new();

    public static byte[] Build(EncoderShape shape, LoadedModel model) => new OnnxEncoder(shape, model).Build();

    private byte[] Build()
    {
        Node("Gather", "", ["embeddings.word_embeddings.weight", "ids"], "words");
        Node("Shape", "", ["ids"], "shape");
        Node("Gather", "", ["shape", "one"], "length");
        Node("Unsqueeze", "", ["length", "zero1"], "length1");
        Node("Slice", "", ["embeddings.position_embeddings.weight", "zero1", "length1", "zero1"], "positions");
        Node("Add", "", ["words", "positions"], "placed");
        Node("Add", "", ["placed", "type"], "summed");
        Node("LayerNormalization", "", ["summed", "embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias"], "x0", ("axis", -1L), ("epsilon", EncoderShape.Epsilon));
        Matrix("embeddings.word_embeddings.weight", EncoderShape.Vocabulary);
        Matrix("embeddings.position_embeddings.weight", EncoderShape.Positions);
        Constant("type", [shape.Hidden], Read("embeddings.token_type_embeddings.weight", EncoderShape.Types, shape.Hidden).AsSpan(0, shape.Hidden));
        Norm("embeddings.LayerNorm");
        Integers("one", [], 1);
        Integers("zero1", [1], 0);
        for (var i = 0; i < shape.Layers; i++)
            Layer(EncoderShape.Layer(i), Value("x", i), Value("x", i + 1));
        _graph.Add(2, "encoder");
        _graph.Add(11, Argument("ids", Int64, "batch", "length"));
        _graph.Add(11, Argument("lengths", Int32, "batch"));
        _graph.Add(12, Argument(Value("x", shape.Layers), Float, "batch", "length", Value("hidden", shape.Hidden)));
        var message = new ProtobufMessage().Add(1, 8L).Add(7, _graph);
        message.Add(8, new ProtobufMessage().Add(1, "").Add(2, 17L));
        message.Add(8, new ProtobufMessage().Add(1, Contributed).Add(2, 1L));
        return message.ToArray();
    }

    private void Layer(string name, string input, string output)
    {
        string[] projections = ["query", "key", "value"];
        var hidden = shape.Hidden;
        // [hidden, 3 · hidden], inputs first.
        var fused = new float[hidden * 3 * hidden];
        for (var p = 0; p < 3; p++)
        {
            var weight = Read($"{name}attention.self.{projections[p]}.weight", hidden, hidden);
            for (var row = 0; row < hidden; row++)
                for (var column = 0; column < hidden; column++)
                    fused[column * 3 * hidden + p * hidden + row] = weight[row * hidden + column];
        }

        Constant(name + "qkv", [hidden, 3 * hidden], fused);
        Constant(name + "qkv.bias", [3 * hidden], [.. projections.SelectMany(p => Read($"{name}attention.self.{p}.bias", hidden))]);
        Node("Attention", Contributed, [input, name + "qkv", name + "qkv.bias", "lengths"], name + "mixed", ("num_heads", (long)shape.Heads));
        Product(name + "attention.output.dense", name + "mixed", hidden, hidden, name + "projected");
        Node("SkipLayerNormalization", Contributed, [name + "projected", input, name + "attention.output.LayerNorm.weight", name + "attention.output.LayerNorm.bias", name + "attention.output.dense.bias"], name + "attended", ("epsilon", EncoderShape.Epsilon));
        Product(name + "intermediate.dense", name + "attended", shape.Inner, hidden, name + "up");
        Node("BiasGelu", Contributed, [name + "up", name + "intermediate.dense.bias"], name + "inner");
        Product(name + "output.dense", name + "inner", hidden, shape.Inner, name + "down");
        Node("SkipLayerNormalization", Contributed, [name + "down", name + "attended", name + "output.LayerNorm.weight", name + "output.LayerNorm.bias", name + "output.dense.bias"], output, ("epsilon", EncoderShape.Epsilon));
        Norm(name + "attention.output.LayerNorm");
        Norm(name + "output.LayerNorm");
    }

    private void Product(string name, string input, int rows, int columns, string output)
    {
        var weight = Read(name + ".weight", rows, columns);
        var transposed = new float[weight.Length];
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                transposed[column * rows + row] = weight[row * columns + column];
        Constant(name + ".weight", [columns, rows], transposed);
        Constant(name + ".bias", [rows], Read(name + ".bias", rows));
        Node("MatMul", "", [input, name + ".weight"], output);
    }

    private void Norm(string name)
    {
        Constant(name + ".weight", [shape.Hidden], Read(name + ".weight", shape.Hidden));
        Constant(name + ".bias", [shape.Hidden], Read(name + ".bias", shape.Hidden));
    }

    private void Matrix(string name, int rows) => Constant(name, [rows, shape.Hidden], Read(name, rows, shape.Hidden));

    private float[] Read(string name, params int[] size)
    {
        var stored = model.Weights.Get(new TensorDescription(name, size));
        var values = new float[stored.ElementCount];
        stored.Read(0, values);
        return values;
    }

    private void Node(string type, string domain, string[] inputs, string output, params (string Name, object Value)[] attributes)
    {
        var node = new ProtobufMessage();
        foreach (var input in inputs)
            node.Add(1, input);
        node.Add(2, output).Add(3, output + "/" + type).Add(4, type).Add(7, domain);
        foreach (var (name, value) in attributes)
        {
            const long FloatAttribute = 1, IntAttribute = 2;
            var attribute = new ProtobufMessage().Add(1, name);
            node.Add(5, value is float number ? attribute.Add(2, number).Add(20, FloatAttribute) : attribute.Add(3, (long)value).Add(20, IntAttribute));
        }

        _graph.Add(1, node);
    }

    private void Constant(string name, int[] size, ReadOnlySpan<float> values) => Tensor(name, size, Float, MemoryMarshal.AsBytes(values));

    private void Integers(string name, int[] size, params ReadOnlySpan<long> values) => Tensor(name, size, Int64, MemoryMarshal.AsBytes(values));

    private void Tensor(string name, int[] size, int type, ReadOnlySpan<byte> values)
    {
        var tensor = new ProtobufMessage();
        foreach (var length in size)
            tensor.Add(1, (long)length);
        _graph.Add(5, tensor.Add(2, (long)type).Add(8, name).Add(9, values));
    }

    private static ProtobufMessage Argument(string name, int type, params string[] dimensions)
    {
        var size = new ProtobufMessage();
        foreach (var dimension in dimensions)
            size.Add(1, new ProtobufMessage().Add(2, dimension));
        return new ProtobufMessage().Add(1, name).Add(2, new ProtobufMessage().Add(1, new ProtobufMessage().Add(1, (long)type).Add(2, size)));
    }

    private static string Value(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{name}{index}");
}
