namespace AttentionOperator.Inference.Models.Descriptions;

public enum ModelKind
{
    Decoder,
    Encoder,
    EncoderDecoder,
}

/// <summary>
/// Everything about an architecture that an executor needs, as data: what is computed, from which stored tensors. It is made
/// from config.json alone; nothing in it is loaded.
/// </summary>
public sealed record ModelDescription
{
    /// <summary>Name in config.json's <c>architectures</c>.</summary>
    public required string Architecture { get; init; }

    public required ModelKind Kind { get; init; }

    public required int HiddenSize { get; init; }

    public required int VocabularySize { get; init; }

    /// <summary>Longest sequence, per side for encoder-decoders.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Of encoders and encoder-decoders.</summary>
    public StackDescription? Encoder { get; init; }

    /// <summary>Of decoders and encoder-decoders.</summary>
    public StackDescription? Decoder { get; init; }

    /// <summary>Logits of the decoder.</summary>
    public OutputDescription? Output { get; init; }

    /// <summary>First-token pooler (BERT's pooler_output), where the checkpoint has one.</summary>
    public HeadDescription? Pooler { get; init; }

    /// <summary>Sequence classification or reranking.</summary>
    public HeadDescription? Classifier { get; init; }

    /// <summary>Masked language model.</summary>
    public HeadDescription? MaskedLm { get; init; }

    /// <summary>Names of the classifier's outputs, by index.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>First input of the decoder of an encoder-decoder.</summary>
    public int? DecoderStartId { get; init; }

    /// <summary>Stored tensors that may be present and change nothing: regular expressions over whole names.</summary>
    public IReadOnlyList<string> HarmlessTensors { get; init; } = [];

    /// <summary>config.json's dtype; what the memory plan assumes for stored weights.</summary>
    public string StoredType { get; init; } = "float32";
}
