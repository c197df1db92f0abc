using AttentionOperator.Tokenization.AddedTokens;
using AttentionOperator.Tokenization.Models;
using AttentionOperator.Tokenization.Normalizers;
using AttentionOperator.Tokenization.PreTokenizers;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization;

/// <summary>Bounds on the number of tokens from the number of bytes alone; derived from the parts of a tokenizer, absent where a part breaks them.</summary>
internal sealed class TokenBounds
{
    private readonly long longestTokenBytes;
    private readonly long perByte;
    private readonly long fixedTokens;

    private TokenBounds(long longestTokenBytes, long perByte, long fixedTokens)
    {
        this.longestTokenBytes = longestTokenBytes;
        this.perByte = perByte;
        this.fixedTokens = fixedTokens;
    }

    public static TokenBounds Create(
        INormalizer? normalizer, IPreTokenizer? preTokenizer, ITokenModel model, AddedVocabulary added, int templateTokens)
    {
        var byteLevel = preTokenizer?.IsByteLevel ?? false;
        var bound = normalizer is null ? LengthBound.Unchanged : normalizer.Bound(Cost);
        if (bound is null && normalizer is BertNormalizer && model is WordPieceModel)
            bound = LengthBound.Unchanged with { Shrinkage = 0 };
        if (bound is not { } length)
            return new TokenBounds(0, 0, 0);

        long longest = 0;
        var strips = added.Tokens.Any(t => t.LeftStrip || t.RightStrip);
        if (!strips && length.Shrinkage > 0 && (preTokenizer?.KeepsEverything ?? true) && model.LongestTokenBytes(byteLevel) is > 0 and var bytes)
            longest = (long)length.Shrinkage * Math.Max(bytes, added.Tokens.Select(t => Scalars.Utf8Length(t.Content)).DefaultIfEmpty(0).Max());

        var (growth, perSegment) = PreTokenizerCost();
        growth *= length.Growth;
        perSegment += length.Added * (growth / length.Growth);
        // k added tokens of m bytes and the text between them: k + growth·rest + perSegment·(k + 1), largest at k = 0 or k = bytes/m.
        var shortest = added.Tokens.Select(t => Scalars.Utf8Length(t.Content)).DefaultIfEmpty(1).Min();
        var perAdded = (1 + perSegment + shortest - 1) / shortest;
        return new TokenBounds(longest, perSegment + 1 <= growth * shortest ? growth : growth + perAdded, perSegment + templateTokens);

        int Cost(string text)
        {
            var cost = 0;
            for (var i = 0; i < text.Length;)
            {
                var size = Scalars.LengthAt(text, i);
                var isEntry = !byteLevel && model.Vocabulary.TryGetId(text.AsSpan(i, size), out _);
                cost += isEntry ? 1 : Scalars.Utf8Length(text.AsSpan(i, size));
                i += size;
            }
            return cost;
        }

        (long Growth, long PerSegment) PreTokenizerCost()
        {
            var replacement = AllSteps(preTokenizer).OfType<MetaspacePreTokenizer>().Select(m => (long)Cost(m.Replacement)).DefaultIfEmpty(1).Max();
            long prefix = preTokenizer is null ? 0 : Cost(preTokenizer.Prefix);
            // A step of a sequence may see many pieces of one byte each.
            return preTokenizer is SequencePreTokenizer && prefix > 0 ? (replacement + prefix, 0) : (replacement, prefix);
        }
    }

    /// <summary>At least this many tokens; 0 where there is no bound.</summary>
    public long Minimum(long utf8Bytes) =>
        longestTokenBytes == 0 || utf8Bytes <= 0 ? 0 : ((utf8Bytes - 1) / longestTokenBytes) + 1;

    /// <summary>At most this many tokens, those of the template included; <see cref="long.MaxValue"/> where there is no bound.</summary>
    public long Maximum(long utf8Bytes) =>
        perByte == 0 || utf8Bytes > (long.MaxValue - fixedTokens) / perByte ? long.MaxValue : (perByte * Math.Max(utf8Bytes, 0)) + fixedTokens;

    private static IEnumerable<IPreTokenizer> AllSteps(IPreTokenizer? step) => step switch
    {
        null => [],
        SequencePreTokenizer sequence => sequence.Steps.SelectMany(AllSteps),
        _ => [step],
    };
}
