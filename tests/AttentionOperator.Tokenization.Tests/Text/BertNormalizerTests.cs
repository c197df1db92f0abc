using System.Text;
using System.Text.Json;
using AttentionOperator.Tokenization.Json;
using AttentionOperator.Tokenization.Normalizers;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Tests.Text;

public sealed class BertNormalizerTests
{
    private static INormalizer Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return NormalizerReader.Read(new JsonField(document.RootElement, "tokenizer.json", "normalizer"))!;
    }

    private static string Apply(INormalizer normalizer, string text) =>
        normalizer.Normalize(AlignedText.Original(text.AsMemory(), 0, tracks: false)).Span.ToString();

    [Theory]
    [InlineData("""{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}""")]
    [InlineData("""{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":false,"lowercase":true}""")]
    [InlineData("""{"type":"BertNormalizer","clean_text":false,"handle_chinese_chars":false,"strip_accents":true,"lowercase":false}""")]
    public void No_scalar_becomes_more_visible_scalars_than_it_has_bytes(string json)
    {
        var normalizer = Read(json);
        for (var scalar = 0; scalar < 0x110000; scalar++)
        {
            if (!Rune.IsValid(scalar))
                continue;
            var text = new Rune(scalar).ToString();
            var visible = Apply(normalizer, text).EnumerateRunes().Count(r => !Rune.IsWhiteSpace(r));
            Assert.True(visible <= Encoding.UTF8.GetByteCount(text), $"U+{scalar:X}");
        }
    }

    [Theory]
    [InlineData("""{"type":"BertNormalizer"}""", "Ünï\tC\u0007ödé 你\u0378", "uni code  你 \u0378")]
    [InlineData("""{"type":"Lowercase"}""", "İΣA𐐀", "i\u0307σa𐐨")]
    [InlineData("""{"type":"StripAccents"}""", "e\u0301a", "ea")]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":false}""", "  a é ", "a é ")]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":true}""", " \u00a0 ", "")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"l+"},"content":"L"}""", "hello l", "heLo L")]
    [InlineData("""{"type":"Replace","pattern":{"String":"lo"},"content":""}""", "hello lo", "hel ")]
    [InlineData("""{"type":"Prepend","prepend":"▁"}""", "a", "▁a")]
    [InlineData("""{"type":"Prepend","prepend":"▁"}""", "", "")]
    [InlineData("""{"type":"Nmt"}""", "a\u0001b\u200bc\ufeff", "ab c ")]
    [InlineData("""{"type":"ByteLevel"}""", "é ", "Ã©Ġ")]
    [InlineData("""{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Lowercase"}]}""", "ﬁＡ①", "fia1")]
    public void Normalizers_do_what_they_say(string json, string text, string expected) => Assert.Equal(expected, Apply(Read(json), text));
}
