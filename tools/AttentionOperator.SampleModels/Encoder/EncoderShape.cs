using System.Text.Json.Nodes;

namespace AttentionOperator.SampleModels.Encoder;

/// <summary>A small BERT: post-norm, learned positions, GELU.</summary>
internal sealed record EncoderShape(int Vocabulary, int Hidden = 128, int Layers = 3, int Heads = 4, int Intermediate = 512, int Positions = 512)
{
    public const double Epsilon = 1e-12;

    public int HeadSize => Hidden / Heads;

    public JsonObject Config() => new()
    {
        ["architectures"] = new JsonArray("BertModel"),
        ["model_type"] = "bert",
        ["vocab_size"] = Vocabulary,
        ["hidden_size"] = Hidden,
        ["num_hidden_layers"] = Layers,
        ["num_attention_heads"] = Heads,
        ["intermediate_size"] = Intermediate,
        ["max_position_embeddings"] = Positions,
        ["type_vocab_size"] = 2,
        ["layer_norm_eps"] = Epsilon,
        ["hidden_act"] = "gelu",
        ["hidden_dropout_prob"] = 0.0,
        ["attention_probs_dropout_prob"] = 0.0,
        ["position_embedding_type"] = "absolute",
        ["pad_token_id"] = 0,
        ["torch_dtype"] = "bfloat16",
    };
}
