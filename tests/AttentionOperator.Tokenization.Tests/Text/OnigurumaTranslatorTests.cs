using System.Text.RegularExpressions;
using AttentionOperator.Tokenization.Regexes;

namespace AttentionOperator.Tokenization.Tests.Text;

public sealed class OnigurumaTranslatorTests
{
    private static string[] Matches(string pattern, string text)
    {
        var matches = new List<PatternMatch>();
        RegexPattern.Compile(OnigurumaTranslator.Translate(pattern)).FindMatches(text, matches);
        Assert.Equal(text, string.Concat(matches.Select(m => text[m.Start..m.End])));
        return [.. matches.Where(m => m.IsMatch).Select(m => text[m.Start..m.End])];
    }

    [Theory]
    [InlineData(@"\p{N}{1,3}", "12345", "123|45")]
    [InlineData(@"\p{N}{1,3}+", "12345", "12345")]
    [InlineData(@"a++b", "aab", "aab")]
    [InlineData(@"a++ab", "aaab", "")]
    [InlineData(@"[^\r\n\p{L}\p{N}]?+\p{L}+", " ab,cd", " ab|,cd")]
    [InlineData(@"(?i:'s|'t)", "'S'T'ſ", "'S|'T|'ſ")]
    [InlineData(@"(?i)k", "kK\u212A", "k|K|\u212A")]
    [InlineData(@"\h+", "xfFz", "fF")]
    [InlineData(@"^b", "a\nb", "b")]
    [InlineData(@"a$", "a\nb", "a")]
    [InlineData(@"(?m:a.b)", "a\nb", "a\nb")]
    [InlineData(@"a.b", "a\nb", "")]
    [InlineData(@"[a-c[x-z]]+", "abxz-", "abxz")]
    [InlineData(@"[\]\-\\]+", @"]-\", @"]-\")]
    [InlineData(@"[一-龥]+", "a你好b", "你好")]
    [InlineData(@"\x{4F60}", "你", "你")]
    [InlineData(@"(?<name>a)(b)", "ab", "ab")]
    [InlineData(@"\w+", "aé_१Ⅷ-", "aé_१Ⅷ")]
    [InlineData(@"\p{L}+", "𝐀b你𠀀", "𝐀b你𠀀")]
    [InlineData(@"\p{L}{2}", "𝐀𝐁𝐂", "𝐀𝐁")]
    [InlineData(@"[^\s\p{L}\p{N}]+", "a🚀🔥b", "🚀🔥")]
    [InlineData(@" ?\p{^L}", "1", "1")]
    [InlineData(@"a{,2}", "aaa", "aa|a")]
    [InlineData(@"a{x", "a{x", "a{x")]
    [InlineData(@"\d+", "1१", "1१")]
    [InlineData(@"#\ x", "# x", "# x")]
    public void Matches_what_oniguruma_matches(string pattern, string text, string expected) =>
        Assert.Equal(expected.Length == 0 ? [] : expected.Split('|'), Matches(pattern, text));

    [Theory]
    [InlineData(@"[a&&b]", "&&")]
    [InlineData(@"\p{Han}", "Han")]
    [InlineData(@"(a)\1", @"\1")]
    [InlineData(@"\k<a>", @"\k")]
    [InlineData(@"[[:alpha:]]", "[:alpha:]")]
    [InlineData(@"[a[^b]]", "negated")]
    [InlineData(@"(?~a)", "~")]
    [InlineData(@"[😀]", "U+FFFF")]
    [InlineData(@"(a", "group")]
    [InlineData(@"a)", "parenthesis")]
    [InlineData(@"[a", "class")]
    [InlineData(@"a{9999}", "9999")]
    [InlineData(@"*a", "*")]
    [InlineData(@"\X", @"\X")]
    [InlineData(@"\", "backslash")]
    public void Unsupported_constructs_are_named(string pattern, string named) => Assert.Contains(
        named, Assert.Throws<UnsupportedPatternException>(() => OnigurumaTranslator.Translate(pattern)).Message, StringComparison.Ordinal);

    [Fact]
    public void Random_patterns_give_a_pattern_or_an_error()
    {
        var random = new Random(5);
        const string characters = @"ab\[]()?*+{},|^$.-&:<>!=i1pLNswdhx'";
        for (var n = 0; n < 20_000; n++)
        {
            var pattern = new string([.. Enumerable.Range(0, random.Next(1, 14)).Select(_ => characters[random.Next(characters.Length)])]);
            try
            {
                _ = new Regex(OnigurumaTranslator.Translate(pattern));
            }
            catch (UnsupportedPatternException)
            {
            }
            catch (RegexParseException e)
            {
                // Look-behind and ranges are checked by the engine itself; the reader reports these as well.
                Assert.NotEmpty(e.Message);
            }
        }
    }

    [Fact]
    public void Stand_ins_have_the_category_of_what_they_stand_for()
    {
        Span<char> shadow = stackalloc char[2];
        Span<int> positions = stackalloc int[3];
        for (var scalar = 0x10000; scalar < 0x110000; scalar++)
        {
            var length = ShadowText.Write(char.ConvertFromUtf32(scalar), shadow, positions);
            Assert.Equal(1, length);
            Assert.Equal(System.Globalization.CharUnicodeInfo.GetUnicodeCategory(scalar), char.GetUnicodeCategory(shadow[0]));
        }
    }
}
