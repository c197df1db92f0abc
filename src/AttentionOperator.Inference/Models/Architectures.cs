using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Models.Blocks;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Models;

/// <summary>The table of supported architectures. A new family is one file beside this one and its lines here.</summary>
public static class Architectures
{
    private delegate ModelDescription Describe(ConfigReader config, TensorNames names, string architecture);

    private static readonly Dictionary<string, Describe> Table = new(StringComparer.Ordinal)
    {
        ["LlamaForCausalLM"] = Llama.Describe,
        ["MistralForCausalLM"] = Mistral.Describe,
        ["Qwen2ForCausalLM"] = Qwen2.Describe,
        ["Qwen3ForCausalLM"] = Qwen3.Describe,
        ["Gemma2ForCausalLM"] = Gemma2.Describe,
        ["Gemma3ForCausalLM"] = Gemma3.Describe,
        ["Phi3ForCausalLM"] = Phi3.Describe,
        ["GPT2LMHeadModel"] = Gpt2.Describe,
        ["GPTNeoXForCausalLM"] = GptNeoX.Describe,
        ["BertModel"] = Bert.Describe,
        ["BertForSequenceClassification"] = Bert.Describe,
        ["BertForMaskedLM"] = Bert.Describe,
        ["BertForPreTraining"] = Bert.Describe,
        ["RobertaModel"] = Roberta.Describe,
        ["RobertaForSequenceClassification"] = Roberta.Describe,
        ["RobertaForMaskedLM"] = Roberta.Describe,
        ["XLMRobertaModel"] = Roberta.Describe,
        ["XLMRobertaForSequenceClassification"] = Roberta.Describe,
        ["XLMRobertaForMaskedLM"] = Roberta.Describe,
        ["ModernBertModel"] = ModernBert.Describe,
        ["ModernBertForSequenceClassification"] = ModernBert.Describe,
        ["ModernBertForMaskedLM"] = ModernBert.Describe,
        ["T5ForConditionalGeneration"] = T5.Describe,
        ["BartForConditionalGeneration"] = Bart.Describe,
    };

    public static IReadOnlyCollection<string> Supported => Table.Keys;

    /// <summary>Describes the model of a config.json; <paramref name="names"/> are the stored tensors, where files are at hand.</summary>
    public static ModelDescription DescribeModel(ConfigReader config, TensorNames names)
    {
        var architectures = config.OptionalStrings("architectures");
        if (architectures is not { Count: > 0 })
            throw config.Error("architectures", "the field is missing, expected one of: " + string.Join(", ", Table.Keys));
        if (config.OptionalObject("quantization_config") is not null)
            throw config.Error("quantization_config", "weights that were quantized when published are not supported; load the unquantized model and choose a precision");
        return Table.TryGetValue(architectures[0], out var describe)
            ? describe(config, names, architectures[0])
            : throw config.Unsupported("architectures", architectures[0], Table.Keys);
    }
}
