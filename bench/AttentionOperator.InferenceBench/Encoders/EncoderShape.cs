using System.Globalization;

namespace AttentionOperator.InferenceBench.Encoders;

/// <summary>A BERT with random weights.</summary>
/// <param name="Name">In the metrics' names.</param>
internal sealed record EncoderShape(string Name, int Hidden, int Layers, int Heads, int Inner)
{
    public const int Vocabulary = 30_522, Positions = 512, Types = 2;

    public const float Epsilon = 1e-12f;

    /// <summary>22.7 million parameters; 384 hidden, 6 layers.</summary>
    public static EncoderShape MiniLm { get; } = new("minilm", 384, 6, 12, 1536);

    /// <summary>109.5 million parameters; 768 hidden, 12 layers.</summary>
    public static EncoderShape BertBase { get; } = new("bert_base", 768, 12, 12, 3072);

    /// <summary>Parameters that every token multiplies.</summary>
    public long MatrixParameters => Layers * (4L * Hidden * Hidden + 2L * Hidden * Inner);

    public void Write(string directory)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "config.json"), string.Create(CultureInfo.InvariantCulture, $$"""
            {"architectures": ["BertModel"], "hidden_size": {{Hidden}}, "num_hidden_layers": {{Layers}}, "num_attention_heads": {{Heads}},
             "intermediate_size": {{Inner}}, "vocab_size": {{Vocabulary}}, "max_position_embeddings": {{Positions}}, "type_vocab_size": {{Types}},
             "layer_norm_eps": 1e-12, "hidden_act": "gelu", "torch_dtype": "float32"}
            """));
        SafetensorsFile.Write(Path.Combine(directory, "model.safetensors"), Tensors(), bfloat16: false);
    }

    public static string Layer(int index) => string.Create(CultureInfo.InvariantCulture, $"encoder.layer.{index}.");

    private IEnumerable<(string Name, int[] Shape)> Tensors()
    {
        yield return ("embeddings.word_embeddings.weight", [Vocabulary, Hidden]);
        yield return ("embeddings.position_embeddings.weight", [Positions, Hidden]);
        yield return ("embeddings.token_type_embeddings.weight", [Types, Hidden]);
        foreach (var tensor in Norm("embeddings.LayerNorm"))
            yield return tensor;
        for (var i = 0; i < Layers; i++)
        {
            var layer = Layer(i);
            foreach (var (name, rows, columns) in new[]
                     {
                         ("attention.self.query", Hidden, Hidden), ("attention.self.key", Hidden, Hidden), ("attention.self.value", Hidden, Hidden),
                         ("attention.output.dense", Hidden, Hidden), ("intermediate.dense", Inner, Hidden), ("output.dense", Hidden, Inner),
                     })
            {
                yield return (layer + name + ".weight", [rows, columns]);
                yield return (layer + name + ".bias", [rows]);
            }

            foreach (var tensor in Norm(layer + "attention.output.LayerNorm").Concat(Norm(layer + "output.LayerNorm")))
                yield return tensor;
        }
    }

    private (string Name, int[] Shape)[] Norm(string name) => [(name + ".weight", [Hidden]), (name + ".bias", [Hidden])];
}
