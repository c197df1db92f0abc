using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Tokenization.Tests.Golden;

namespace AttentionOperator.Tokenization.Tests.Loading;

public sealed class FuzzTests
{
    private static readonly string[] Fixtures = ["gpt2", "bert-mean", "llama-untied", "mistral-sliding", "t5"];

    private static readonly string[] Replacements =
        ["null", "true", "-1", "1e308", "99999999999999999999", "2147483647", "4194303", "\"\"", "\"x\"", "[]", "{}", "[[]]", "{\"type\":\"Nope\"}", "\"\\ud800\"", "0.5", "[null]"];

    private static byte[] Small(string name)
    {
        // The character map is two thirds of the file and has a test of its own.
        var node = JsonNode.Parse(File.ReadAllBytes(Path.Combine(GoldenFixture.Root, name, "tokenizer.json")))!.AsObject();
        if (name == "t5")
            node["normalizer"] = JsonNode.Parse("""{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}]}""");
        return Encoding.UTF8.GetBytes(node.ToJsonString());
    }

    private static void LoadAndUse(byte[] bytes)
    {
        try
        {
            var tokenizer = TokenizerLoader.Parse(bytes);
            try
            {
                var ids = tokenizer.Encode("Hello, wörld 👍 123  \n<s>").Ids;
                tokenizer.Decode(ids);
                tokenizer.EncodePair("a", "b");
                tokenizer.Count("x y");
            }
            catch (TokenizationException)
            {
            }
        }
        catch (TokenizerFormatException e)
        {
            Assert.Equal("tokenizer.json", e.File);
            Assert.StartsWith("tokenizer.json", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Flipped_bits_and_truncations_give_a_format_error_or_a_tokenizer()
    {
        var random = new Random(31);
        foreach (var name in Fixtures)
        {
            var original = Small(name);
            for (var n = 0; n < 60; n++)
            {
                var bytes = (byte[])original.Clone();
                for (var flips = random.Next(1, 4); flips > 0; flips--)
                    bytes[random.Next(n % 2 == 0 ? Math.Min(3000, bytes.Length) : bytes.Length)] ^= (byte)(1 << random.Next(8));
                LoadAndUse(bytes);
                LoadAndUse(original[..random.Next(original.Length)]);
            }
        }
    }

    [Fact]
    public void Wrong_types_and_values_name_the_field()
    {
        var random = new Random(32);
        foreach (var name in Fixtures)
        {
            var original = Small(name);
            var paths = new List<Action<JsonNode, JsonNode?>>();
            Collect(JsonNode.Parse(original)!, node => node, paths, random);
            foreach (var assign in paths)
            {
                var node = JsonNode.Parse(original)!;
                var replacement = Replacements[random.Next(Replacements.Length)];
                if (replacement.Contains("ud800", StringComparison.Ordinal))
                {
                    assign(node, "@@@");
                    LoadAndUse(Encoding.UTF8.GetBytes(node.ToJsonString().Replace("\"@@@\"", replacement, StringComparison.Ordinal)));
                }
                else
                {
                    assign(node, JsonNode.Parse(replacement));
                    LoadAndUse(Encoding.UTF8.GetBytes(node.ToJsonString()));
                }
            }
        }
    }

    private static void Collect(JsonNode node, Func<JsonNode, JsonNode> find, List<Action<JsonNode, JsonNode?>> paths, Random random)
    {
        if (node is JsonObject members)
        {
            foreach (var (key, value) in members.Take(12))
            {
                paths.Add((root, replacement) => find(root).AsObject()[key] = replacement);
                if (value is not null)
                    Collect(value, root => find(root)[key]!, paths, random);
            }
        }
        else if (node is JsonArray items)
        {
            for (var i = 0; i < Math.Min(items.Count, 3); i++)
            {
                var index = i;
                paths.Add((root, replacement) => find(root).AsArray()[index] = replacement);
                if (items[index] is not null)
                    Collect(items[index]!, root => find(root)[index]!, paths, random);
            }
        }
    }

    [Theory]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}""", "model.merges[0]")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}""", "model.vocab.a")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"dropout":0.1}}""", "model.dropout")]
    [InlineData("""{"model":{"type":"Magic"}}""", "model.type")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a","b"]]}}""", "model.vocab[0][1]")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0},"unk_token":"[UNK]"}}""", "model.unk_token")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Odd"}]}}""", "normalizer.normalizers[1].type")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[a&&b]"},"behavior":"Isolated"}}""", "pre_tokenizer.pattern.Regex")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"pre_tokenizer":{"type":"UnicodeScripts"}}""", "pre_tokenizer.type")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"decoder":{"type":"CTC"}}""", "decoder.type")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"normalizer":{"type":"Precompiled","precompiled_charsmap":"AAAA"}}""", "normalizer.precompiled_charsmap")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"added_tokens":[{"id":99999999999,"content":"x"}]}""", "added_tokens[0].id")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"q"}}],"pair":[]}}""", "post_processor.single[0].SpecialToken.id")]
    [InlineData("[]", "")]
    [InlineData("{", "")]
    [InlineData("{}", "model")]
    public void Errors_name_file_and_field(string json, string field)
    {
        var error = Assert.Throws<TokenizerFormatException>(() => TokenizerLoader.Parse(Encoding.UTF8.GetBytes(json)));
        Assert.Equal("tokenizer.json", error.File);
        Assert.Equal(field, error.Field);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        foreach (var depth in (int[])[70, 100_000])
        {
            var json = $$"""{"model":{"type":"BPE","vocab":{},"merges":[]},"normalizer":{{string.Concat(Enumerable.Repeat("""{"type":"Sequence","normalizers":[""", depth))}}{{string.Concat(Enumerable.Repeat("]}", depth))}}}""";
            Assert.Throws<TokenizerFormatException>(() => TokenizerLoader.Parse(Encoding.UTF8.GetBytes(json)));
        }
    }

    [Fact]
    public void A_broken_character_map_neither_crashes_nor_hangs()
    {
        var node = JsonNode.Parse(File.ReadAllBytes(Path.Combine(GoldenFixture.Root, "t5", "tokenizer.json")))!;
        var map = Convert.FromBase64String(node["normalizer"]!["precompiled_charsmap"]!.GetValue<string>());
        var random = new Random(33);
        for (var n = 0; n < 15; n++)
        {
            var broken = (byte[])map.Clone();
            for (var flips = 0; flips < 2000; flips++)
                broken[random.Next(4, broken.Length)] ^= (byte)(1 << random.Next(8));
            node["normalizer"]!["precompiled_charsmap"] = Convert.ToBase64String(broken);
            LoadAndUse(Encoding.UTF8.GetBytes(node.ToJsonString()));
        }
    }

    [Fact]
    public void A_pattern_that_backtracks_without_end_is_stopped()
    {
        const string json = """{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":[]},"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a|aa)+$"},"behavior":"Isolated"}}""";
        var tokenizer = TokenizerLoader.Parse(Encoding.UTF8.GetBytes(json));
        Assert.Throws<TokenizationException>(() => tokenizer.Encode(new string('a', 60) + "b"));
    }
}
