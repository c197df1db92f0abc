using System.Text.Json.Nodes;

namespace AttentionOperator.SampleModels.Decoder;

/// <summary>A small Llama: pre-norm, rotary positions, grouped-query attention, SwiGLU, tied output.</summary>
internal sealed record DecoderShape(int Vocabulary, int Hidden = 192, int Layers = 4, int Heads = 6, int KeyValueHeads = 3, int Intermediate = 512, int Positions = 512)
{
    public const double RotaryBase = 10000;
    public const double Epsilon = 1e-5;

    public int HeadSize => Hidden / Heads;

    public JsonObject Config() => new()
    {
        ["architectures"] = new JsonArray("LlamaForCausalLM"),
        ["model_type"] = "llama",
        ["vocab_size"] = Vocabulary,
        ["hidden_size"] = Hidden,
        ["num_hidden_layers"] = Layers,
        ["num_attention_heads"] = Heads,
        ["num_key_value_heads"] = KeyValueHeads,
        ["intermediate_size"] = Intermediate,
        ["max_position_embeddings"] = Positions,
        ["rms_norm_eps"] = Epsilon,
        ["rope_theta"] = RotaryBase,
        ["hidden_act"] = "silu",
        ["attention_bias"] = false,
        ["mlp_bias"] = false,
        ["tie_word_embeddings"] = true,
        ["bos_token_id"] = 0,
        ["eos_token_id"] = 0,
        ["torch_dtype"] = "bfloat16",
    };
}
