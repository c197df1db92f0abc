using AttentionOperator.Tokenization.ChatTemplates;

namespace AttentionOperator.Tokenization;

/// <summary>What a published directory says about text: the tokenizer, its chat template and when to stop.</summary>
public sealed class LoadedTokenizer
{
    public required ITokenizer Tokenizer { get; init; }

    /// <summary>Null where the directory has none, or where it cannot be used (see <see cref="ChatTemplateError"/>).</summary>
    public ChatTemplate? ChatTemplate { get; init; }

    /// <summary>Why the published chat template cannot be used; the tokenizer itself still works.</summary>
    public ChatTemplateException? ChatTemplateError { get; init; }

    /// <summary>sha256 (<c>sha256:…</c>) of the chat template's text and of the special tokens it is rendered with; null where there is none.</summary>
    public string? ChatTemplateDigest { get; init; }

    /// <summary>Ids that end generation: those of generation_config.json, else the tokenizer's eos_token.</summary>
    public required IReadOnlyList<int> EndOfSequenceIds { get; init; }

    /// <summary>model_max_length of tokenizer_config.json where it is a sensible number of tokens.</summary>
    public int? ModelMaxLength { get; init; }
}
