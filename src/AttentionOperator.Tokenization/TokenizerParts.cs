using AttentionOperator.Tokenization.AddedTokens;
using AttentionOperator.Tokenization.Decoders;
using AttentionOperator.Tokenization.Models;
using AttentionOperator.Tokenization.Normalizers;
using AttentionOperator.Tokenization.PostProcessors;
using AttentionOperator.Tokenization.PreTokenizers;

namespace AttentionOperator.Tokenization;

/// <summary>What a tokenizer is made of.</summary>
internal sealed record TokenizerParts(
    AddedVocabulary Added,
    INormalizer? Normalizer,
    IPreTokenizer? PreTokenizer,
    ITokenModel Model,
    IPostProcessor PostProcessor,
    DecoderChain Decoder,
    IReadOnlyDictionary<string, int> SpecialTokens,
    string Fingerprint,
    bool CleansUp);
