using System.Text;
using AttentionOperator.Tokenization.Tests.Golden;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Tests.Properties;

public sealed class EncodingPropertyTests
{
    [Theory]
    [MemberData(nameof(GoldenFixture.All), MemberType = typeof(GoldenFixture))]
    public void Counts_bounds_and_offsets_hold_for_random_text(string name)
    {
        var tokenizer = GoldenFixture.Get(name).Tokenizer;
        var specials = Enumerable.Range(0, tokenizer.VocabularySize).Where(tokenizer.IsSpecial).Select(id => tokenizer.TokenOf(id)!).ToArray();
        var random = new Random(11);
        for (var n = 0; n < 400; n++)
        {
            var text = RandomText.Next(random, withMetaspace: true);
            if (n % 3 == 0)
                text = text.Insert(random.Next(text.Length + 1), specials[random.Next(specials.Length)] + new string(' ', random.Next(4)));
            var encoded = tokenizer.Encode(text);
            Assert.Equal(encoded.Ids.Length, tokenizer.Count(text));
            Assert.Equal(encoded.Ids.Length, encoded.Offsets.Length);
            Assert.Equal(encoded.Ids.Length, encoded.TypeIds.Length);
            var bytes = Encoding.UTF8.GetByteCount(text);
            Assert.InRange(tokenizer.Count(text, addSpecialTokens: false), tokenizer.MinTokens(bytes), tokenizer.MaxTokens(bytes));
            Assert.InRange(encoded.Ids.Length, 0, tokenizer.MaxTokens(bytes));
            for (var i = 0; i < encoded.Ids.Length; i++)
            {
                var (start, end) = encoded.Offsets[i];
                Assert.True(start >= 0 && start <= end && end <= text.Length);
                if (encoded.Sequences[i] < 0)
                    Assert.Equal((0, 0), (start, end));
                if (start < end && start > 0)
                    Assert.False(char.IsLowSurrogate(text[start]) && char.IsHighSurrogate(text[start - 1]), "an offset splits a surrogate pair");
            }
        }
    }

    [Theory]
    [InlineData("gpt2", false)]
    [InlineData("bart", false)]
    [InlineData("roberta-mlm", false)]
    [InlineData("llama-untied", false)]
    [InlineData("gemma2", false)]
    [InlineData("llama2-spm-f16", false)]
    [InlineData("mistral-sliding", false)]
    [InlineData("qwen2", true)]
    [InlineData("gpt-neox", true)]
    [InlineData("modernbert", true)]
    public void Decoding_undoes_encoding(string name, bool normalizes)
    {
        var tokenizer = GoldenFixture.Get(name).Tokenizer;
        var random = new Random(12);
        for (var n = 0; n < 400; n++)
        {
            // The decoder takes away the space that the encoder puts in front, and a leading space of the text is not doubled.
            var text = name == "llama2-spm-f16" ? RandomText.Next(random).TrimStart(' ') : RandomText.Next(random);
            var expected = normalizes ? UnicodeNormalizer.Apply(AlignedText.Original(text.AsMemory(), 0, false), true, false).Span.ToString() : text;
            Assert.Equal(expected, tokenizer.Decode(tokenizer.Encode(text, addSpecialTokens: false).Ids));
        }
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama-untied")]
    [InlineData("gemma2")]
    public void Offsets_cover_the_text(string name)
    {
        var tokenizer = GoldenFixture.Get(name).Tokenizer;
        var random = new Random(13);
        for (var n = 0; n < 300; n++)
        {
            var text = RandomText.Next(random);
            var covered = new bool[text.Length];
            foreach (var (start, end) in tokenizer.Encode(text, addSpecialTokens: false).Offsets)
                Array.Fill(covered, true, start, end - start);
            for (var i = 0; i < text.Length; i++)
                Assert.True(covered[i] || char.IsWhiteSpace(text[i]), $"position {i} of '{text}' is in no token");
        }
    }

    [Theory]
    [MemberData(nameof(GoldenFixture.All), MemberType = typeof(GoldenFixture))]
    public void Streams_of_random_ids_equal_the_whole(string name)
    {
        var tokenizer = GoldenFixture.Get(name).Tokenizer;
        var random = new Random(14);
        for (var n = 0; n < 300; n++)
        {
            var ids = Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(tokenizer.VocabularySize + 3)).ToArray();
            var skip = n % 2 == 0;
            var decoder = tokenizer.CreateStreamDecoder(skip);
            var text = new StringBuilder();
            foreach (var id in ids)
            {
                var part = decoder.Push(id);
                Assert.True(part.Length == 0 || (!char.IsHighSurrogate(part[^1]) && !char.IsLowSurrogate(part[0])));
                text.Append(part);
            }
            text.Append(decoder.Flush());
            Assert.Equal("", decoder.Flush());
            Assert.Equal(tokenizer.Decode(ids, skip), text.ToString());
            Assert.Equal(ReferenceDecoder.Decode(name, tokenizer, ids, skip), text.ToString());
        }
    }

    [Fact]
    public void Lone_surrogates_are_replaced_one_for_one()
    {
        var tokenizer = GoldenFixture.Get("gpt2").Tokenizer;
        Assert.Equal(tokenizer.Encode("a\uFFFDb\uFFFD").Ids, tokenizer.Encode("a\uD800b\uDC00").Ids);
        Assert.Equal(tokenizer.Encode("a\uFFFDb\uFFFD").Offsets, tokenizer.Encode("a\uD800b\uDC00").Offsets);
    }

    [Theory]
    [InlineData("llama-untied")]
    [InlineData("bert-mean")]
    [InlineData("t5")]
    [InlineData("mistral-sliding")]
    public void Encoding_is_thread_safe(string name)
    {
        var tokenizer = TokenizerLoader.Load(GoldenFixture.Get(name).Directory).Tokenizer;
        var texts = Enumerable.Range(0, 64).Select(seed => RandomText.Next(new Random(seed), 200)).ToArray();
        var expected = texts.Select(t => GoldenFixture.Get(name).Tokenizer.Encode(t).Ids).ToArray();
        Parallel.For(0, 1000, i => Assert.Equal(expected[i % texts.Length], tokenizer.Encode(texts[i % texts.Length]).Ids));
    }

    [Theory]
    [InlineData("gpt2", 'a')]
    [InlineData("gpt2", ' ')]
    [InlineData("llama-untied", 'é')]
    [InlineData("mistral-sliding", 'e')]
    [InlineData("mistral-sliding", '你')]
    [InlineData("gemma2", ' ')]
    [InlineData("bert-mean", 'a')]
    [InlineData("t5", 'a')]
    [InlineData("xlm-roberta-rerank", '你')]
    [InlineData("qwen2", '\u0301')]
    [InlineData("llama-untied", '\n')]
    public void A_million_equal_characters_are_encoded(string name, char c)
    {
        var tokenizer = GoldenFixture.Get(name).Tokenizer;
        var text = new string(c, 1_000_000);
        var count = tokenizer.Count(text);
        var bytes = Encoding.UTF8.GetByteCount(text);
        Assert.InRange(count, tokenizer.MinTokens(bytes), tokenizer.MaxTokens(bytes));
    }
}
