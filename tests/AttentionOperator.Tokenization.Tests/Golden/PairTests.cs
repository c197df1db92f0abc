namespace AttentionOperator.Tokenization.Tests.Golden;

public sealed class PairTests
{
    [Theory]
    [MemberData(nameof(GoldenFixture.WithPairs), MemberType = typeof(GoldenFixture))]
    public void Pairs_equal_the_reference(string name)
    {
        var fixture = GoldenFixture.Get(name);
        foreach (var item in fixture.Golden["tokenizer"]!["pairs"]!.AsArray())
        {
            var encoded = fixture.Tokenizer.EncodePair(item!["a"]!.GetValue<string>(), item["b"]!.GetValue<string>());
            Assert.Equal(GoldenFixture.Integers(item["ids"]), encoded.Ids);
            Assert.Equal(GoldenFixture.Integers(item["token_type_ids"]), encoded.TypeIds);
            Assert.Equal(encoded.Ids.Length, encoded.Sequences.Count);
        }
    }
}
