using System.Security.Cryptography;
using System.Text;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Tests.Text;

/// <summary>The digests were computed with another implementation of Unicode 14, over every scalar and 20000 pseudo-random sequences.</summary>
public sealed class UnicodeNormalizerTests
{
    private static readonly int[] Pool =
    [
        0x41, 0x61, 0x65, 0x300, 0x301, 0x308, 0x323, 0x327, 0x328, 0x345, 0x1100, 0x1161, 0x11A8, 0xAC00, 0xAC01, 0x1E9B, 0x3B1, 0x3B9, 0x313, 0x1F82, 0xFB01, 0x212B,
        0x958, 0x93C, 0x1D15E, 0x1D165, 0x1D16E, 0xFF9E, 0x30AB, 0x3099, 0xF71, 0xF72, 0xF73, 0xDD9, 0xDCA, 0xDCF, 0x340, 0x2126, 0x9C7, 0x9BE, 0x110A5, 0x110BA, 0x1112E,
        0x11131, 0x11127, 0x20, 0x200D,
    ];

    [Theory]
    [InlineData(true, false, "2222741519c476f666c9720fface4242e220fc8032eb1a231ad5f3e581ed96e6")]
    [InlineData(false, false, "2938ceb2e6523b0265a61607bd7227e131e011af11c88f9b71dcb4b73d01c6dd")]
    [InlineData(true, true, "d42292d401e4e72df1f67b5a0b77d60b8c25350c89a46f954c5c118ab044d99b")]
    [InlineData(false, true, "18c1a89d72da9636847bf63abb515131c634aab8623dc20587624e5c3922fade")]
    public void Forms_equal_those_of_the_standard(bool compose, bool compatibility, string digest)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var scalar = 0; scalar < 0x110000; scalar++)
        {
            if (Rune.IsValid(scalar))
                Add(new Rune(scalar).ToString());
        }
        ulong state = 1;
        for (var n = 0; n < 20_000; n++)
        {
            var text = new StringBuilder();
            for (var count = 1 + (Next() % 8); count > 0; count--)
                text.Append(new Rune(Pool[Next() % (ulong)Pool.Length]).ToString());
            Add(text.ToString());
        }
        Assert.Equal(digest, Convert.ToHexStringLower(hash.GetHashAndReset()));

        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(Apply(text, compose, compatibility) + "\n"));

        ulong Next()
        {
            state = unchecked((state * 6364136223846793005UL) + 1442695040888963407UL);
            return state >> 33;
        }
    }

    [Fact]
    public void Composition_changes_the_length_by_a_factor_of_three_at_most()
    {
        for (var scalar = 0; scalar < 0x110000; scalar++)
        {
            if (!Rune.IsValid(scalar))
                continue;
            var text = new Rune(scalar).ToString();
            var composed = Encoding.UTF8.GetByteCount(Apply(text, true, false));
            Assert.True(composed <= 3 * Encoding.UTF8.GetByteCount(text));
            Assert.True(Encoding.UTF8.GetByteCount(Apply(text, false, false)) <= 3 * composed);
        }
    }

    [Fact]
    public void Composed_characters_keep_where_they_came_from()
    {
        var text = UnicodeNormalizer.Apply(AlignedText.Original("xe\u0301y".AsMemory(), 10, tracks: true), compose: true, compatibility: false);
        Assert.Equal("xéy", text.Span.ToString());
        Assert.Equal((11, 12), text.OriginalRange(1, 2));
        Assert.Equal((13, 14), text.OriginalRange(2, 3));
    }

    [Fact]
    public void A_long_run_of_marks_is_ordered()
    {
        var text = "a" + string.Concat(Enumerable.Repeat("\u0301\u0323", 100_000));
        var result = Apply(text, false, false);
        Assert.Equal("a" + new string('\u0323', 100_000) + new string('\u0301', 100_000), result);
    }

    private static string Apply(string text, bool compose, bool compatibility) =>
        UnicodeNormalizer.Apply(AlignedText.Original(text.AsMemory(), 0, tracks: false), compose, compatibility).Span.ToString();
}
