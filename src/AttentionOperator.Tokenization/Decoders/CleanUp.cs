namespace AttentionOperator.Tokenization.Decoders;

/// <summary>English detokenization: spaces before punctuation and contractions go away.</summary>
internal static class CleanUp
{
    private static readonly (string From, string To)[] Text =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    // The decoder's own list has one more rule.
    private static readonly (string From, string To)[] Token = [.. Text[..7], (" do not", " don't"), .. Text[7..]];

    public static string Apply(string text) => Apply(text, Text);

    public static string ApplyToToken(string token) => Apply(token, Token);

    private static string Apply(string text, (string From, string To)[] rules)
    {
        if (!text.Contains(' ', StringComparison.Ordinal))
            return text;
        foreach (var (from, to) in rules)
            text = text.Replace(from, to, StringComparison.Ordinal);
        return text;
    }
}
