using System.Text;

namespace AttentionOperator.Tokenization.Tests.Properties;

/// <summary>Random Unicode text: words, runs of spaces, scripts, emoji, marks, controls.</summary>
internal static class RandomText
{
    private static readonly string[] Words =
        ["the", "Hello", "don't", "it's", " world", "fib(n-1)", "12345", "3.14", "\n", "\r\n", "\t", "  ", "        ", "é", "e\u0301", "你好", "日本語", "한국어", "مرحبا", "नमस्ते",
         "👩‍👩‍👧‍👦", "🚀", "🇫🇷", "ﬁ", "①", "\u200b", "\u00a0", "\u0007", "𝐀𝐁", "𠀀", ".", "!?", "--", "_", "'s", "'LL", "ſ", "İ", "ß", "\uFFFD"];

    public static string Next(Random random, int most = 30, bool withMetaspace = false)
    {
        var text = new StringBuilder();
        for (var count = random.Next(0, most); count > 0; count--)
        {
            switch (random.Next(8))
            {
                case 0:
                    text.Append(' ', random.Next(1, 6));
                    break;
                case 1:
                    text.Append((char)random.Next(0x20, 0x7F));
                    break;
                case 2:
                    var scalar = random.Next(0x80, 0x20000);
                    if (Rune.IsValid(scalar) && (withMetaspace || scalar != 0x2581))
                        text.Append(new Rune(scalar).ToString());
                    break;
                default:
                    text.Append(Words[random.Next(Words.Length)]).Append(random.Next(2) == 0 ? " " : "");
                    break;
            }
        }
        return text.ToString();
    }
}
