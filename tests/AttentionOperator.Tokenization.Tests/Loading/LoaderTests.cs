using System.Text.Json.Nodes;
using AttentionOperator.Tokenization.Tests.Golden;

namespace AttentionOperator.Tokenization.Tests.Loading;

public sealed class LoaderTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("tokenizer-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private LoadedTokenizer Load(string fixture, Action<JsonObject>? config = null, Action<JsonObject>? tokenizer = null)
    {
        foreach (var name in (string[])["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "generation_config.json", "chat_template.jinja"])
        {
            var source = Path.Combine(GoldenFixture.Root, fixture, name);
            if (File.Exists(source))
                File.Copy(source, Path.Combine(directory, name), overwrite: true);
        }
        Change("tokenizer_config.json", config);
        Change("tokenizer.json", tokenizer);
        return TokenizerLoader.Load(directory);
    }

    private void Change(string name, Action<JsonObject>? change)
    {
        if (change is null)
            return;
        var path = Path.Combine(directory, name);
        var node = JsonNode.Parse(File.ReadAllBytes(path))!.AsObject();
        change(node);
        File.WriteAllText(path, node.ToJsonString());
    }

    [Fact]
    public void Begin_and_end_tokens_of_the_configuration_replace_the_post_processor()
    {
        var plain = Load("llama2-spm-f16").Tokenizer;
        var bare = Load("llama2-spm-f16", c => c["add_bos_token"] = false).Tokenizer;
        var both = Load("llama2-spm-f16", c => (c["add_bos_token"], c["add_eos_token"]) = (true, true)).Tokenizer;
        var ids = plain.Encode("Hi there", addSpecialTokens: false).Ids;
        Assert.Equal([1, .. ids], plain.Encode("Hi there").Ids);
        Assert.Equal(ids, bare.Encode("Hi there").Ids);
        Assert.Equal([1, .. ids, 2], both.Encode("Hi there").Ids);
        Assert.Equal(3, new[] { plain.Fingerprint, bare.Fingerprint, both.Fingerprint }.Distinct().Count());
    }

    [Fact]
    public void Tokens_that_only_the_configuration_names_are_added()
    {
        var tokenizer = Load("gpt2", c =>
        {
            c["mask_token"] = "<new_mask>";
            c["additional_special_tokens"] = new JsonArray("<extra>");
            c["added_tokens_decoder"]!["600"] = JsonNode.Parse("""{"content":"<plain>","special":false,"lstrip":true}""");
        }).Tokenizer;
        Assert.Equal(600, tokenizer.IdOf("<plain>"));
        Assert.Equal(601, tokenizer.SpecialTokens["mask_token"]);
        Assert.Equal(602, tokenizer.IdOf("<extra>"));
        Assert.Equal([64, 600, 602, 601], tokenizer.Encode("a  <plain><extra><new_mask>").Ids);
        Assert.False(tokenizer.IsSpecial(600));
        Assert.True(tokenizer.IsSpecial(601));
    }

    [Fact]
    public void A_token_with_a_role_is_special_whatever_its_entry_says()
    {
        var tokenizer = Load("gpt2", tokenizer: t => t["added_tokens"]![0]!["special"] = false).Tokenizer;
        Assert.True(tokenizer.IsSpecial(511));
        Assert.Equal("a", tokenizer.Decode(tokenizer.Encode("a<|endoftext|>").Ids, skipSpecialTokens: true));
    }

    [Fact]
    public void Chat_templates_are_found_where_they_are_published()
    {
        Assert.Equal("list", Load("llama-untied", c => c["chat_template"] =
            JsonNode.Parse("""[{"name":"tool_use","template":"no"},{"name":"default","template":"list"}]""")).ChatTemplate!.Render([], false));
        File.WriteAllText(Path.Combine(directory, "chat_template.json"), """{"chat_template":"json"}""");
        Assert.Equal("json", TokenizerLoader.Load(directory).ChatTemplate!.Render([], false));
        File.WriteAllText(Path.Combine(directory, "chat_template.jinja"), "file");
        Assert.Equal("file", TokenizerLoader.Load(directory).ChatTemplate!.Render([], false));
        Assert.Null(Load("gpt2", c => c.Remove("chat_template")).ChatTemplateError);
    }

    [Fact]
    public void A_template_that_cannot_be_used_leaves_the_tokenizer_usable()
    {
        var loaded = Load("llama-untied", c => c["chat_template"] = "{% include 'x' %}");
        Assert.Null(loaded.ChatTemplate);
        Assert.Contains("include", loaded.ChatTemplateError!.Message, StringComparison.Ordinal);
        Assert.NotNull(loaded.ChatTemplateDigest);
        Assert.NotEmpty(loaded.Tokenizer.Encode("a").Ids);
    }

    [Fact]
    public void End_ids_come_from_the_generation_configuration()
    {
        Load("llama-untied");
        File.WriteAllText(Path.Combine(directory, "generation_config.json"), """{"eos_token_id":[5,7]}""");
        Assert.Equal([5, 7], TokenizerLoader.Load(directory).EndOfSequenceIds);
        File.Delete(Path.Combine(directory, "generation_config.json"));
        Assert.Equal([511], TokenizerLoader.Load(directory).EndOfSequenceIds);
    }

    [Fact]
    public void Missing_and_broken_files_are_named()
    {
        Assert.Equal("tokenizer.json", Assert.Throws<TokenizerFormatException>(() => TokenizerLoader.Load(directory)).File);
        Load("gpt2");
        File.WriteAllText(Path.Combine(directory, "special_tokens_map.json"), """{"cls_token":5}""");
        var error = Assert.Throws<TokenizerFormatException>(() => TokenizerLoader.Load(directory));
        Assert.Equal(("special_tokens_map.json", "cls_token"), (error.File, error.Field));
    }

    [Fact]
    public void Raw_bytes_of_ids_follow_the_decoder()
    {
        var byteLevel = GoldenFixture.Get("gpt2").Tokenizer;
        Assert.Equal([0xF0], byteLevel.BytesOf(byteLevel.Encode("🚀").Ids[0]));
        var fallback = GoldenFixture.Get("llama2-spm-f16").Tokenizer;
        Assert.Equal([0x0A], fallback.BytesOf(fallback.IdOf("<0x0A>")!.Value));
        Assert.Equal(" the"u8.ToArray(), fallback.BytesOf(fallback.IdOf("▁the")!.Value));
        var wordPiece = GoldenFixture.Get("bert-mean").Tokenizer;
        Assert.Equal("ing"u8.ToArray(), wordPiece.BytesOf(wordPiece.IdOf("##ing")!.Value));
        Assert.Equal(" the"u8.ToArray(), wordPiece.BytesOf(wordPiece.IdOf("the")!.Value));
        Assert.Empty(byteLevel.BytesOf(100_000));
        Assert.Null(byteLevel.TokenOf(-1));
    }

    [Fact]
    public void Byte_bounds_exist_where_they_can()
    {
        static (bool, bool) Bounds(string name) =>
            (GoldenFixture.Get(name).Tokenizer.MinTokens(1_000_000) > 0, GoldenFixture.Get(name).Tokenizer.MaxTokens(1_000_000) < long.MaxValue);
        Assert.Equal((true, true), Bounds("llama-untied"));
        Assert.Equal((true, true), Bounds("gpt2"));
        Assert.Equal((true, true), Bounds("qwen2"));
        Assert.Equal((true, true), Bounds("gemma2"));
        Assert.Equal((true, true), Bounds("mistral-sliding"));
        // "<|end|>" takes any number of spaces along, [UNK] any number of characters.
        Assert.Equal((false, true), Bounds("phi3"));
        Assert.Equal((false, true), Bounds("bert-mean"));
        Assert.Equal((false, false), Bounds("t5"));
        Assert.Equal(0, GoldenFixture.Get("gpt2").Tokenizer.MinTokens(0));
    }
}
