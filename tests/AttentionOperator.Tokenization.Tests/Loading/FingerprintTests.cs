using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Tokenization.Tests.Golden;

namespace AttentionOperator.Tokenization.Tests.Loading;

public sealed class FingerprintTests
{
    private static JsonObject Read(string name) =>
        JsonNode.Parse(File.ReadAllBytes(Path.Combine(GoldenFixture.Root, name, "tokenizer.json")))!.AsObject();

    private static string Fingerprint(JsonNode node, bool indented = false) => TokenizerLoader.Parse(
        Encoding.UTF8.GetBytes(node.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = indented }))).Fingerprint;

    private static JsonNode? Reversed(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Reverse().Select(m => KeyValuePair.Create(m.Key, Reversed(m.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Reversed)]),
        _ => node?.DeepClone(),
    };

    [Theory]
    [MemberData(nameof(GoldenFixture.All), MemberType = typeof(GoldenFixture))]
    public void Key_order_white_space_decoder_truncation_and_padding_do_not_count(string name)
    {
        var node = Read(name);
        var expected = Fingerprint(node);
        Assert.Matches("^sha256:[0-9a-f]{64}$", expected);
        Assert.Equal(expected, Fingerprint(Reversed(node)!, indented: true));
        node["decoder"] = null;
        node["truncation"] = JsonNode.Parse("""{"direction":"Right","max_length":4,"strategy":"LongestFirst","stride":0}""");
        node["padding"] = JsonNode.Parse("""{"strategy":{"Fixed":9},"direction":"Right","pad_to_multiple_of":null,"pad_id":0,"pad_type_id":0,"pad_token":"x"}""");
        Assert.Equal(expected, Fingerprint(node));
        Assert.Equal(GoldenFixture.Get(name).Tokenizer.Encode("a b c d e f").Ids, TokenizerLoader.Parse(Encoding.UTF8.GetBytes(node.ToJsonString())).Encode("a b c d e f").Ids);
    }

    [Fact]
    public void The_spelling_of_merges_does_not_count()
    {
        var node = Read("gpt2");
        var expected = Fingerprint(node);
        node["model"]!["merges"] = new JsonArray([.. node["model"]!["merges"]!.AsArray().Select(m => (JsonNode)$"{m![0]} {m[1]}")]);
        Assert.Equal(expected, Fingerprint(node));
    }

    [Fact]
    public void Everything_that_changes_ids_counts()
    {
        var original = Fingerprint(Read("qwen2"));
        Action<JsonObject>[] changes =
        [
            n => n["normalizer"] = null,
            n => n["pre_tokenizer"]!["pretokenizers"]![0]!["behavior"] = "Removed",
            n => n["model"]!["ignore_merges"] = true,
            n => n["model"]!["merges"]!.AsArray().RemoveAt(3),
            n => n["model"]!["vocab"]!["zzz"] = 600,
            n => n["added_tokens"]![0]!["lstrip"] = true,
            n => n["added_tokens"]!.AsArray().RemoveAt(6),
            n => n["post_processor"] = null,
        ];
        var all = changes.Select(change =>
        {
            var node = Read("qwen2");
            change(node);
            return Fingerprint(node);
        }).Append(original).ToArray();
        Assert.Equal(all.Length, all.Distinct().Count());
    }

    [Fact]
    public void Equal_tokenizers_of_different_models_share_their_fingerprint()
    {
        Assert.Equal(GoldenFixture.Get("qwen2").Tokenizer.Fingerprint, GoldenFixture.Get("qwen3-sharded").Tokenizer.Fingerprint);
        Assert.NotEqual(GoldenFixture.Get("qwen2").Loaded.ChatTemplateDigest, GoldenFixture.Get("qwen3-sharded").Loaded.ChatTemplateDigest);
        Assert.Equal(GoldenFixture.Get("qwen2").Loaded.ChatTemplateDigest, GoldenFixture.Get("qwen2-yarn").Loaded.ChatTemplateDigest);
    }
}
