namespace AttentionOperator.Tokenization.AddedTokens;

/// <summary>A string that is recognised before the text reaches the model.</summary>
/// <param name="SingleWord">Only where no word character touches it.</param>
/// <param name="LeftStrip">Takes the white space before it along.</param>
/// <param name="RightStrip">Takes the white space after it along.</param>
/// <param name="Normalized">Matched in normalized text.</param>
/// <param name="Special">Dropped when decoding without special tokens.</param>
internal sealed record AddedToken(int Id, string Content, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized, bool Special);
