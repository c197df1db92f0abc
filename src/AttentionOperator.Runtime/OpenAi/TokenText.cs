using System.Globalization;
using System.Text;
using System.Text.Unicode;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Runtime.OpenAi;

/// <summary>How single tokens look in log-probabilities.</summary>
internal static class TokenText
{
    // JSON has no infinities; OpenAI's API writes this number for impossible tokens.
    private const float Impossible = -9999;

    /// <summary>Its text; tokens that are part of a character are spelled <c>bytes:\xe2\x82</c>, so that no two collide.</summary>
    public static string Of(ITokenizer tokenizer, int id)
    {
        if (tokenizer.IsSpecial(id)) return tokenizer.TokenOf(id) ?? "";
        var bytes = tokenizer.BytesOf(id);
        if (Utf8.IsValid(bytes)) return Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder("bytes:");
        foreach (var b in bytes) text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
        return text.ToString();
    }

    public static float Finite(float logProb) => float.IsFinite(logProb) ? logProb : Impossible;
}
