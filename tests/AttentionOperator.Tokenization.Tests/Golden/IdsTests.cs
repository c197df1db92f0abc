namespace AttentionOperator.Tokenization.Tests.Golden;

public sealed class IdsTests
{
    [Theory]
    [MemberData(nameof(GoldenFixture.All), MemberType = typeof(GoldenFixture))]
    public void Ids_equal_the_reference_on_every_text(string name)
    {
        var fixture = GoldenFixture.Get(name);
        Assert.NotEmpty(fixture.Cases);
        foreach (var item in fixture.Cases)
        {
            var text = item!["text"]!.GetValue<string>();
            var expected = GoldenFixture.Integers(item["ids"]);
            var bare = GoldenFixture.Integers(item["ids_no_special"]);
            Assert.Equal(expected, fixture.Tokenizer.Encode(text).Ids);
            Assert.Equal(bare, fixture.Tokenizer.Encode(text, addSpecialTokens: false).Ids);
            Assert.Equal(expected.Length, fixture.Tokenizer.Count(text));
            Assert.Equal(bare.Length, fixture.Tokenizer.Count(text, addSpecialTokens: false));
        }
    }

    [Theory]
    [MemberData(nameof(GoldenFixture.All), MemberType = typeof(GoldenFixture))]
    public void Token_strings_equal_the_reference(string name)
    {
        var fixture = GoldenFixture.Get(name);
        foreach (var item in fixture.Cases)
        {
            Assert.Equal(
                item!["tokens"]!.AsArray().Select(t => t!.GetValue<string>()),
                fixture.Tokenizer.Encode(item["text"]!.GetValue<string>()).Ids.Select(fixture.Tokenizer.TokenOf));
        }
    }

    [Theory]
    [MemberData(nameof(GoldenFixture.All), MemberType = typeof(GoldenFixture))]
    public void Vocabulary_and_special_tokens_equal_the_reference(string name)
    {
        var fixture = GoldenFixture.Get(name);
        Assert.Equal(fixture.Golden["tokenizer"]!["vocab_size"]!.GetValue<int>(), fixture.Tokenizer.VocabularySize);
        var expected = fixture.Golden["tokenizer"]!["special_ids"]!.AsObject().ToDictionary(m => m.Key, m => m.Value!.GetValue<int>());
        Assert.Equal(expected.OrderBy(m => m.Key), fixture.Tokenizer.SpecialTokens.OrderBy(m => m.Key));
        Assert.All(expected.Values, id => Assert.True(fixture.Tokenizer.IsSpecial(id)));
    }
}
