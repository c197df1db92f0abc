using System.Text;

namespace AttentionOperator.Tokenization.Tests.Loading;

public sealed class AddedTokenTests
{
    private static ITokenizer Load(string added, string normalizer = "null", string model =
        """{"type":"BPE","vocab":{"a":0,"b":1," ":2,"_":3,"é":4,"X":5,"x":6,"?":7},"merges":[],"unk_token":"?"}""") =>
        TokenizerLoader.Parse(Encoding.UTF8.GetBytes($$"""{"model":{{model}},"normalizer":{{normalizer}},"added_tokens":[{{added}}]}"""));

    [Theory]
    [InlineData("""{"id":10,"content":"X"}""", "aXb", "0 5 1")]
    [InlineData("""{"id":10,"content":"aX","special":true}""", "aaXb", "0 10 1")]
    [InlineData("""{"id":10,"content":"XX"},{"id":11,"content":"XXX"}""", "XXXXX", "11 10")]
    [InlineData("""{"id":10,"content":"<m>","lstrip":true,"special":true}""", "a  <m> b", "0 10 2 1")]
    [InlineData("""{"id":10,"content":"<m>","rstrip":true,"special":true}""", "a  <m>  b", "0 2 2 10 1")]
    [InlineData("""{"id":10,"content":"<m>","lstrip":true,"rstrip":true,"special":true}""", " <m>  <m> ", "10 10")]
    [InlineData("""{"id":10,"content":"ab","single_word":true}""", "ab xab ab_ ab", "10 2 6 0 1 2 0 1 3 2 10")]
    [InlineData("""{"id":10,"content":"ab","single_word":true}""", "éab abé", "4 0 1 2 0 1 4")]
    [InlineData("""{"id":10,"content":""}""", "a", "0")]
    public void Added_tokens_are_found_as_their_flags_say(string added, string text, string ids) =>
        Assert.Equal(ids.Split(' ').Select(int.Parse), Load(added).Encode(text).Ids);

    [Fact]
    public void Normalized_tokens_match_in_normalized_text_and_others_in_raw_text()
    {
        var tokenizer = Load(
            """{"id":10,"content":"XA","normalized":true},{"id":11,"content":"XB","normalized":false}""", """{"type":"Lowercase"}""");
        Assert.Equal([10, 10, 11, 6, 1], tokenizer.Encode("xaXAXBxb").Ids);
    }

    [Fact]
    public void Offsets_of_added_tokens_lie_in_the_original_text()
    {
        var tokenizer = Load("""{"id":10,"content":"<m>","lstrip":true,"special":true},{"id":12,"content":"ab"}""", """{"type":"NFC"}""");
        var encoded = tokenizer.Encode("e\u0301 <m>ab");
        Assert.Equal([4, 10, 12], encoded.Ids);
        Assert.Equal([(0, 1), (2, 6), (6, 8)], encoded.Offsets);
    }

    [Fact]
    public void Unknown_characters_fuse_where_the_model_says_so()
    {
        const string vocabulary = """{"type":"BPE","vocab":{"a":0,"?":1},"merges":[],"unk_token":"?","fuse_unk":FUSE}""";
        Assert.Equal([0, 1, 1, 0], Load("", model: vocabulary.Replace("FUSE", "false", StringComparison.Ordinal)).Encode("azza").Ids);
        var fused = Load("", model: vocabulary.Replace("FUSE", "true", StringComparison.Ordinal)).Encode("azza");
        Assert.Equal([0, 1, 0], fused.Ids);
        Assert.Equal([(0, 1), (1, 3), (3, 4)], fused.Offsets);
    }

    [Fact]
    public void Prefixes_and_suffixes_of_symbols_take_part_in_merges()
    {
        var tokenizer = Load("", model: """
            {"type":"BPE","vocab":{"a":0,"##b":1,"##c</w>":2,"a</w>":3,"ab":4,"abc</w>":5},"merges":[["a","##b"],["ab","##c</w>"]],
             "continuing_subword_prefix":"##","end_of_word_suffix":"</w>"}
            """);
        Assert.Equal([5], tokenizer.Encode("abc").Ids);
        Assert.Equal([3], tokenizer.Encode("a").Ids);
    }

    [Fact]
    public void A_whole_word_wins_over_merges_where_the_model_says_so()
    {
        const string model = """{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"abab":3},"merges":[["a","b"]],"ignore_merges":FLAG}""";
        Assert.Equal([2, 2], Load("", model: model.Replace("FLAG", "false", StringComparison.Ordinal)).Encode("abab").Ids);
        Assert.Equal([3], Load("", model: model.Replace("FLAG", "true", StringComparison.Ordinal)).Encode("abab").Ids);
    }

    [Fact]
    public void Unigram_falls_back_to_bytes_only_where_all_are_known()
    {
        const string model = """{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["a",-1],["<0xC3>",-2],["<0xA9>",-2]],"byte_fallback":true}""";
        Assert.Equal([1, 2, 3, 1], Load("", model: model).Encode("aéa").Ids);
        Assert.Equal([1, 0, 1], Load("", model: model).Encode("aüa").Ids);
    }

    [Fact]
    public void Word_level_models_take_pieces_whole()
    {
        var tokenizer = TokenizerLoader.Parse("""
            {"model":{"type":"WordLevel","vocab":{"hello":0,"world":1,"[UNK]":2},"unk_token":"[UNK]"},"pre_tokenizer":{"type":"Whitespace"}}
            """u8.ToArray());
        Assert.Equal([0, 1, 2], tokenizer.Encode("hello world there").Ids);
        Assert.Equal("hello world", tokenizer.Decode([0, 1]));
    }
}
