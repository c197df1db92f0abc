using System.Text.Json;
using AttentionOperator.Tokenization.Json;
using AttentionOperator.Tokenization.PreTokenizers;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Tests.Text;

public sealed class PreTokenizerTests
{
    [Theory]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"Removed"}""", "the-final--countdown", "the|final|countdown")]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"Isolated"}""", "the-final--countdown", "the|-|final|-|-|countdown")]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"MergedWithPrevious"}""", "the-final--countdown", "the-|final-|-|countdown")]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"MergedWithNext"}""", "the-final--countdown", "the|-final|-|-countdown")]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"Contiguous"}""", "the-final--countdown", "the|-|final|--|countdown")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"\\d"},"behavior":"Removed","invert":true}""", "a1b22", "1|2|2")]
    [InlineData("""{"type":"Whitespace"}""", "Hey, you_1  é!?", "Hey|,|you_1|é|!?")]
    [InlineData("""{"type":"WhitespaceSplit"}""", " a,b\u00a0c ", "a,b|c")]
    [InlineData("""{"type":"Punctuation"}""", "a.b«$", "a|.|b|«|$")]
    [InlineData("""{"type":"Digits","individual_digits":true}""", "a12½", "a|1|2|½")]
    [InlineData("""{"type":"Digits","individual_digits":false}""", "a12½b", "a|12½|b")]
    [InlineData("""{"type":"CharDelimiterSplit","delimiter":"_"}""", "a__b", "a|b")]
    [InlineData("""{"type":"BertPreTokenizer"}""", "it's  ok.", "it|'|s|ok|.")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true}""", "it's é", "Ġit|'s|ĠÃ©")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}""", "a b", "aĠb")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","add_prefix_space":true}""", "a  b", "▁a|▁|▁b")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","add_prefix_space":false}""", "a b", "a|▁b")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":false}""", " a b", "▁a▁b")]
    [InlineData("""{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}]}""", "a b", "▁a|b")]
    public void Pieces_are_cut_as_documented(string json, string text, string expected)
    {
        using var document = JsonDocument.Parse(json);
        var preTokenizer = PreTokenizerReader.Read(new JsonField(document.RootElement, "tokenizer.json", "pre_tokenizer"))!;
        var pieces = new PreTokenizedText(AlignedText.Original(text.AsMemory(), 0, tracks: true));
        preTokenizer.Apply(pieces);
        Assert.Equal(expected, string.Join('|', pieces.Pieces.Select(p => pieces.Text.Span[p.Start..p.End].ToString())));
    }
}
