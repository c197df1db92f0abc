namespace AttentionOperator.Api.V1Alpha1;

/// <summary>How attention is computed.</summary>
public enum AttentionKind
{
    /// <summary>What the model's config says.</summary>
    Auto,

    /// <summary>Every token attends to every visible token.</summary>
    Dense,

    /// <summary>Tokens attend to the last <c>window</c> tokens.</summary>
    SlidingWindow,

    /// <summary>Local blocks plus global tokens, for long documents.</summary>
    BlockSparse,
}
