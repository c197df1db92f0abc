using System.Globalization;
using System.Text;
using AttentionOperator.Inference;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.InferenceBench.Decoders;

namespace AttentionOperator.InferenceBench.Peers;

/// <summary>The bench's Llama as a GGUF file (version 3), every matrix in one format: what llama.cpp reads.</summary>
internal static class GgufModel
{
    private const int Alignment = 32;

    public static void Write(string path, LoadedModel model, GgufFormat format)
    {
        var tensors = Tensors().ToArray();
        using var header = new MemoryStream();
        using var writer = new BinaryWriter(header);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)tensors.Length);
        WriteSettings(writer);
        ulong offset = 0;
        foreach (var tensor in tensors)
        {
            Text(writer, tensor.Name);
            writer.Write((uint)tensor.Shape.Length);
            foreach (var size in tensor.Shape.Reverse())
                writer.Write((ulong)size);
            writer.Write((uint)tensor.Format(format));
            writer.Write(offset);
            offset += (ulong)Pad(tensor.Bytes(format));
        }

        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        file.Write(header.ToArray());
        Fill(file, header.Length);
        foreach (var tensor in tensors)
        {
            var stored = model.Weights.Get(new TensorDescription(tensor.Source, tensor.Shape));
            var columns = tensor.Shape[^1];
            var row = new float[columns];
            for (var r = 0; r < stored.ElementCount / columns; r++)
            {
                stored.Read((long)tensor.SourceRow(r) * columns, row);
                GgufRows.Write(file, tensor.Format(format), row);
            }

            Fill(file, tensor.Bytes(format));
        }
    }

    private static void WriteSettings(BinaryWriter writer)
    {
        (string Name, object Value)[] settings =
        [
            ("general.architecture", "llama"),
            ("llama.context_length", (uint)LlamaShape.MaxPositions),
            ("llama.embedding_length", (uint)LlamaShape.Hidden),
            ("llama.block_count", (uint)LlamaShape.Layers),
            ("llama.feed_forward_length", (uint)LlamaShape.Inner),
            ("llama.attention.head_count", (uint)LlamaShape.Heads),
            ("llama.attention.head_count_kv", (uint)LlamaShape.KeyValueHeads),
            ("llama.attention.layer_norm_rms_epsilon", 1e-5f),
            ("llama.rope.freq_base", 10_000f),
            ("llama.rope.dimension_count", (uint)LlamaShape.HeadSize),
            ("llama.vocab_size", (uint)LlamaShape.Vocabulary),
            ("tokenizer.ggml.model", "no_vocab"),
        ];
        writer.Write((ulong)settings.Length);
        foreach (var (name, value) in settings)
        {
            const uint UInt32 = 4, Float32 = 6, String = 8;
            Text(writer, name);
            writer.Write(value switch { uint => UInt32, float => Float32, _ => String });
            switch (value)
            {
                case uint number:
                    writer.Write(number);
                    break;
                case float number:
                    writer.Write(number);
                    break;
                default:
                    Text(writer, (string)value);
                    break;
            }
        }
    }

    private static void Text(BinaryWriter writer, string text)
    {
        writer.Write((ulong)text.Length);
        writer.Write(Encoding.ASCII.GetBytes(text));
    }

    private static long Pad(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private static void Fill(Stream file, long written) => file.Write(new byte[Pad(written) - written]);

    private static IEnumerable<GgufTensor> Tensors()
    {
        yield return new("token_embd.weight", "model.embed_tokens.weight", [LlamaShape.Vocabulary, LlamaShape.Hidden]);
        for (var i = 0; i < LlamaShape.Layers; i++)
        {
            var (to, from) = (string.Create(CultureInfo.InvariantCulture, $"blk.{i}."), string.Create(CultureInfo.InvariantCulture, $"model.layers.{i}."));
            const int KeyValues = LlamaShape.KeyValueHeads * LlamaShape.HeadSize;
            yield return new(to + "attn_norm.weight", from + "input_layernorm.weight", [LlamaShape.Hidden]);
            yield return new(to + "attn_q.weight", from + "self_attn.q_proj.weight", [LlamaShape.Hidden, LlamaShape.Hidden], Rotated: true);
            yield return new(to + "attn_k.weight", from + "self_attn.k_proj.weight", [KeyValues, LlamaShape.Hidden], Rotated: true);
            yield return new(to + "attn_v.weight", from + "self_attn.v_proj.weight", [KeyValues, LlamaShape.Hidden]);
            yield return new(to + "attn_output.weight", from + "self_attn.o_proj.weight", [LlamaShape.Hidden, LlamaShape.Hidden]);
            yield return new(to + "ffn_norm.weight", from + "post_attention_layernorm.weight", [LlamaShape.Hidden]);
            yield return new(to + "ffn_gate.weight", from + "mlp.gate_proj.weight", [LlamaShape.Inner, LlamaShape.Hidden]);
            yield return new(to + "ffn_up.weight", from + "mlp.up_proj.weight", [LlamaShape.Inner, LlamaShape.Hidden]);
            yield return new(to + "ffn_down.weight", from + "mlp.down_proj.weight", [LlamaShape.Hidden, LlamaShape.Inner]);
        }

        yield return new("output_norm.weight", "model.norm.weight", [LlamaShape.Hidden]);
        yield return new("output.weight", "lm_head.weight", [LlamaShape.Vocabulary, LlamaShape.Hidden]);
    }

    /// <param name="Rotated">Rows of a head are pairs side by side where the Hugging Face layout has halves.</param>
    private sealed record GgufTensor(string Name, string Source, int[] Shape, bool Rotated = false)
    {
        public GgufFormat Format(GgufFormat matrices) => Shape.Length == 1 ? GgufFormat.F32 : matrices;

        public long Bytes(GgufFormat matrices) => GgufRows.Bytes(Format(matrices), Shape.Aggregate(1L, (a, b) => a * b));

        public int SourceRow(int row)
        {
            if (!Rotated)
                return row;
            var (head, at) = (row / LlamaShape.HeadSize, row % LlamaShape.HeadSize);
            return head * LlamaShape.HeadSize + at % 2 * (LlamaShape.HeadSize / 2) + at / 2;
        }
    }
}
