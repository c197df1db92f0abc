namespace AttentionOperator.Inference.Engine;

/// <param name="Event">What the caller gets; the text is still missing where <paramref name="TextPending"/>.</param>
/// <param name="TextPending">The reader of the channel turns the token into text, which keeps that work and its strings off the engine's thread.</param>
/// <param name="Hidden">The token is no part of the text (a stop id, or no token at all).</param>
internal readonly record struct TokenOutput(GenerationEvent Event, bool TextPending, bool Hidden);
