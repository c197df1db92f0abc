using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Tokenization.Tests.Golden;

namespace AttentionOperator.Tokenization.Tests.Properties;

/// <summary>Byte-pair encoding written down as its definition says, against the fast one with its cuts, heap and cache.</summary>
public sealed class BpeReferenceTests
{
    [Theory]
    [InlineData("mistral-sliding")]
    [InlineData("phi3")]
    [InlineData("gemma2")]
    public void Whole_texts_merge_as_defined(string name)
    {
        var tokenizer = GoldenFixture.Get(name).Tokenizer;
        var model = JsonNode.Parse(File.ReadAllBytes(Path.Combine(GoldenFixture.Get(name).Directory, "tokenizer.json")))!["model"]!;
        var vocabulary = model["vocab"]!.AsObject().ToDictionary(v => v.Key, v => v.Value!.GetValue<int>());
        var ranks = new Dictionary<(string, string), int>();
        foreach (var merge in model["merges"]!.AsArray())
            ranks[(merge![0]!.GetValue<string>(), merge[1]!.GetValue<string>())] = ranks.Count;
        var random = new Random(21);
        for (var n = 0; n < 60; n++)
        {
            var text = RandomText.Next(random, 60);
            var normalized = text.Replace(' ', '▁');
            var expected = name == "gemma2" || text.Length == 0 ? normalized : "▁" + normalized;
            Assert.Equal(Merge(expected, vocabulary, ranks).Select(t => vocabulary[t]), tokenizer.Encode(text, addSpecialTokens: false).Ids);
        }
    }

    [Fact]
    public void Long_words_merge_as_defined()
    {
        var tokenizer = GoldenFixture.Get("gpt2").Tokenizer;
        var model = JsonNode.Parse(File.ReadAllBytes(Path.Combine(GoldenFixture.Get("gpt2").Directory, "tokenizer.json")))!["model"]!;
        var vocabulary = model["vocab"]!.AsObject().ToDictionary(v => v.Key, v => v.Value!.GetValue<int>());
        var ranks = new Dictionary<(string, string), int>();
        foreach (var merge in model["merges"]!.AsArray())
            ranks[(merge![0]!.GetValue<string>(), merge[1]!.GetValue<string>())] = ranks.Count;
        var random = new Random(22);
        for (var n = 0; n < 60; n++)
        {
            var word = new string([.. Enumerable.Range(0, random.Next(1, 400)).Select(_ => "etaoinshrdlu"[random.Next(12)])]);
            Assert.Equal(Merge(word, vocabulary, ranks).Select(t => vocabulary[t]), tokenizer.Encode(word).Ids);
        }
    }

    private static List<string> Merge(string text, Dictionary<string, int> vocabulary, Dictionary<(string, string), int> ranks)
    {
        var symbols = new List<string>();
        foreach (var rune in text.EnumerateRunes())
        {
            if (vocabulary.ContainsKey(rune.ToString()))
                symbols.Add(rune.ToString());
            else
                symbols.AddRange(Encoding.UTF8.GetBytes(rune.ToString()).Select(b => $"<0x{b:X2}>"));
        }
        while (true)
        {
            var best = int.MaxValue;
            var at = -1;
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                if (ranks.TryGetValue((symbols[i], symbols[i + 1]), out var rank) && rank < best)
                    (best, at) = (rank, i);
            }
            if (at < 0)
                return symbols;
            symbols[at] += symbols[at + 1];
            symbols.RemoveAt(at + 1);
        }
    }
}
