namespace AttentionOperator.Tokenization.PostProcessors;

/// <summary>A part of a template: a text (<paramref name="Sequence"/> 0 or 1) or fixed ids (<paramref name="Sequence"/> -1).</summary>
internal sealed record TemplatePiece(int Sequence, int[] Ids, int TypeId);
