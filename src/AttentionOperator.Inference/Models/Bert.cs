using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>BERT: plain, with a sequence classifier on the pooler, or with the masked-language-model head.</summary>
internal static class Bert
{
    public static ModelDescription Describe(ConfigReader config, TensorNames names, string architecture)
    {
        var prefix = names.Prefix("embeddings.word_embeddings.weight", architecture == "BertModel" ? "" : "bert.", architecture == "BertModel" ? "bert." : "");
        var encoder = new BertEncoder(config, names, prefix);
        var labels = architecture == "BertForSequenceClassification" ? ClassifierLabels.Read(config) : [];
        var pooler = labels.Count > 0 ? encoder.PoolerHead() : encoder.Pooler();
        return new ModelDescription
        {
            Architecture = architecture,
            Kind = ModelKind.Encoder,
            HiddenSize = encoder.HiddenSize,
            VocabularySize = encoder.Tokens.Shape[0],
            MaxPositions = encoder.TablePositions,
            Encoder = encoder.Describe(),
            Pooler = pooler,
            Classifier = labels.Count == 0 ? null : pooler! with { Final = TensorNames.Linear("classifier", labels.Count, encoder.HiddenSize, bias: true) },
            MaskedLm = architecture is "BertForMaskedLM" or "BertForPreTraining" ? MaskedLm(config, names, encoder) : null,
            Labels = labels,
            HarmlessTensors = [@"(bert\.)?embeddings\.position_ids", @"cls\..*"],
            StoredType = StoredTypes.Read(config),
        };
    }

    private static HeadDescription MaskedLm(ConfigReader config, TensorNames names, BertEncoder encoder)
    {
        const string name = "cls.predictions";
        return new HeadDescription
        {
            Input = HeadInput.EachToken,
            Dense = TensorNames.Linear($"{name}.transform.dense", encoder.HiddenSize, encoder.HiddenSize, bias: true),
            Activation = config.Activation("hidden_act", "gelu"),
            Norm = names.LayerNorm($"{name}.transform.LayerNorm", encoder.HiddenSize, encoder.Epsilon),
            Final = names.VocabularyProjection(
                $"{name}.decoder", encoder.Tokens, config.BoolOr("tie_word_embeddings", true), names.HeadBias($"{name}.bias", $"{name}.decoder.bias", encoder.Tokens.Shape[0])),
        };
    }
}
