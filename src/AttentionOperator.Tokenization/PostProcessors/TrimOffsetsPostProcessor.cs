using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.PostProcessors;

/// <summary>Takes the spaces that byte-level tokens carry out of their offsets.</summary>
internal sealed class TrimOffsetsPostProcessor(bool addPrefixSpace, Func<int, string?> tokenOf, IPostProcessor next) : IPostProcessor
{
    public int AddedTokens(bool isPair) => next.AddedTokens(isPair);

    public List<EncodedToken> Process(List<EncodedToken> first, List<EncodedToken>? second, bool addSpecialTokens)
    {
        Trim(first);
        if (second is not null)
            Trim(second);
        return next.Process(first, second, addSpecialTokens);
    }

    private void Trim(List<EncodedToken> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            var text = token.Surface ?? tokenOf(token.Id);
            // Tokens that an earlier step added stand for no text.
            if (string.IsNullOrEmpty(text) || token.Sequence < 0)
                continue;
            var leading = 0;
            while (leading < text.Length && IsSpace(text[leading]))
                leading++;
            var trailing = 0;
            while (trailing < text.Length && IsSpace(text[^(trailing + 1)]))
                trailing++;
            if (leading > 0)
            {
                // A prefix space that was added stands for no space of the text.
                if ((i == 0 || token.Start == 0) && addPrefixSpace)
                    leading--;
                token.Start = Math.Min(token.Start + leading, token.End);
            }
            if (trailing > 0 && token.End >= trailing)
                token.End = Math.Max(token.End - trailing, token.Start);
            tokens[i] = token;
        }
    }

    private static bool IsSpace(char c) => c == ByteAlphabet.Space || char.IsWhiteSpace(c);
}
