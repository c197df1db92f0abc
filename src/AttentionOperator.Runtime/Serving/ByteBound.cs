using System.Text;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Runtime.Serving;

/// <summary>
/// A lower bound of a text's token count from its size alone, so that what is surely too long is refused before any work.
/// It holds where every byte of the text is carried by some token; a tokenizer that loses characters (unknown tokens,
/// normalisers) can make one token of any number of bytes, and has no bound.
/// </summary>
/// <param name="MaxBytesPerToken">Longest vocabulary entry in bytes; null = no bound.</param>
internal sealed record ByteBound(int? MaxBytesPerToken)
{
    // Cased, accented (composed and decomposed), fullwidth and ligature forms, rare scripts, runs of spaces, controls.
    private static readonly string[] Probes =
    [
        "Plain ASCII,  two spaces\tand a tab.\n\nNew lines\r\n",
        "\u00C9t\u00E9 cafe\u0301 \uFB01ne \uFF21\uFF22 \u2460 \u00BD",
        "\u4E2D\u6587 \u0395\u03BB\u03BB\u03B7\u03BD\u03B9\u03BA\u03AC \u05E9\u05DC\u05D5\u05DD \U0001F600\U0001F468\u200D\U0001F469 \U00012000 \uAC00",
        "qzxjkvwqzxjkvwqzxjkvwqzxjkvwqzxjkvwqzxjkvwqzxjkvw",
        "\u0001\u0007\u00A0\u3000\u200B",
    ];

    public static ByteBound Derive(ITokenizer tokenizer)
    {
        foreach (var probe in Probes)
        {
            var decoded = tokenizer.Decode(tokenizer.Encode(probe, addSpecialTokens: false).Ids);
            if (!string.Equals(decoded.TrimStart(' '), probe, StringComparison.Ordinal)) return new ByteBound((int?)null);
        }

        var longest = 1;
        for (var id = 0; id < tokenizer.VocabularySize; id++)
        {
            var length = tokenizer.IsSpecial(id) ? Encoding.UTF8.GetByteCount(tokenizer.TokenOf(id) ?? "") : tokenizer.BytesOf(id).Length;
            longest = Math.Max(longest, length);
        }

        return new ByteBound(longest);
    }

    /// <summary>Fewest tokens that the text can have; 0 where nothing is known.</summary>
    public long LeastTokens(string text) =>
        MaxBytesPerToken is { } bytes ? (Encoding.UTF8.GetByteCount(text) + bytes - 1L) / bytes : 0;
}
