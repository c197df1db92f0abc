using System.Text;

namespace AttentionOperator.Tokenization.Tests.Golden;

public sealed class DecodeTests
{
    [Theory]
    [MemberData(nameof(GoldenFixture.All), MemberType = typeof(GoldenFixture))]
    public void Decoded_text_equals_the_reference(string name)
    {
        var fixture = GoldenFixture.Get(name);
        foreach (var item in fixture.Cases)
        {
            var ids = GoldenFixture.Integers(item!["ids"]);
            Assert.Equal(item["decoded"]!.GetValue<string>(), fixture.Tokenizer.Decode(ids));
            Assert.Equal(item["decoded_skip_special"]!.GetValue<string>(), fixture.Tokenizer.Decode(ids, skipSpecialTokens: true));
        }
    }

    [Theory]
    [MemberData(nameof(GoldenFixture.All), MemberType = typeof(GoldenFixture))]
    public void Single_ids_and_prefixes_decode_as_the_reference(string name)
    {
        var fixture = GoldenFixture.Get(name);
        var stream = fixture.Golden["tokenizer"]!["stream"]!;
        var ids = GoldenFixture.Integers(stream["ids"]);
        Assert.NotEmpty(ids);
        for (var i = 0; i < ids.Length; i++)
        {
            Assert.Equal(stream["decode_each"]![i]!.GetValue<string>(), fixture.Tokenizer.Decode([ids[i]]));
            Assert.Equal(stream["decode_prefix"]![i]!.GetValue<string>(), fixture.Tokenizer.Decode(ids.AsSpan(0, i + 1)));
        }
    }

    [Theory]
    [MemberData(nameof(GoldenFixture.All), MemberType = typeof(GoldenFixture))]
    public void Streams_give_the_whole_text_in_whole_characters(string name)
    {
        var fixture = GoldenFixture.Get(name);
        var stream = fixture.Golden["tokenizer"]!["stream"]!;
        var decoder = fixture.Tokenizer.CreateStreamDecoder(skipSpecialTokens: false);
        var text = new StringBuilder();
        foreach (var id in GoldenFixture.Integers(stream["ids"]))
        {
            var part = decoder.Push(id);
            Assert.DoesNotContain('\uFFFD', part);
            Assert.True(part.Length == 0 || (!char.IsHighSurrogate(part[^1]) && !char.IsLowSurrogate(part[0])), "a chunk splits a character");
            text.Append(part);
        }
        text.Append(decoder.Flush());
        Assert.Equal(stream["decode_prefix"]!.AsArray()[^1]!.GetValue<string>(), text.ToString());
    }
}
