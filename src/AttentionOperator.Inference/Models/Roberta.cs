using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>RoBERTa and XLM-RoBERTa: positions counted from the padding id on, two-layer classifier on the first token.</summary>
internal static class Roberta
{
    public static ModelDescription Describe(ConfigReader config, TensorNames names, string architecture)
    {
        var plain = architecture.EndsWith("Model", StringComparison.Ordinal);
        var prefix = names.Prefix("embeddings.word_embeddings.weight", plain ? "" : "roberta.", plain ? "roberta." : "");
        var encoder = new BertEncoder(config, names, prefix) { UncountedId = config.IntOr("pad_token_id", 1, min: 0) };
        if (encoder.TablePositions <= encoder.UncountedId + 1)
            throw config.Error("max_position_embeddings", $"{encoder.TablePositions} rows leave no position after pad_token_id {encoder.UncountedId}");
        var labels = architecture.EndsWith("ForSequenceClassification", StringComparison.Ordinal) ? ClassifierLabels.Read(config) : [];
        return new ModelDescription
        {
            Architecture = architecture,
            Kind = ModelKind.Encoder,
            HiddenSize = encoder.HiddenSize,
            VocabularySize = encoder.Tokens.Shape[0],
            MaxPositions = encoder.TablePositions - encoder.UncountedId!.Value - 1,
            Encoder = encoder.Describe(),
            Pooler = plain ? encoder.Pooler() : null,
            Classifier = labels.Count == 0 ? null : new HeadDescription
            {
                Input = HeadInput.FirstToken,
                Dense = TensorNames.Linear("classifier.dense", encoder.HiddenSize, encoder.HiddenSize, bias: true),
                Activation = ActivationKind.Tanh,
                Final = TensorNames.Linear("classifier.out_proj", labels.Count, encoder.HiddenSize, bias: true),
            },
            MaskedLm = architecture.EndsWith("ForMaskedLM", StringComparison.Ordinal) ? MaskedLm(config, names, encoder) : null,
            Labels = labels,
            HarmlessTensors = [@"(roberta\.)?embeddings\.position_ids", @"lm_head\..*", @"roberta\.pooler\..*"],
            StoredType = StoredTypes.Read(config),
        };
    }

    private static HeadDescription MaskedLm(ConfigReader config, TensorNames names, BertEncoder encoder) => new()
    {
        Input = HeadInput.EachToken,
        Dense = TensorNames.Linear("lm_head.dense", encoder.HiddenSize, encoder.HiddenSize, bias: true),
        Activation = ActivationKind.Gelu,
        Norm = names.LayerNorm("lm_head.layer_norm", encoder.HiddenSize, encoder.Epsilon),
        Final = names.VocabularyProjection("lm_head.decoder", encoder.Tokens, config.BoolOr("tie_word_embeddings", true), names.HeadBias("lm_head.bias", "lm_head.decoder.bias", encoder.Tokens.Shape[0])),
    };
}
