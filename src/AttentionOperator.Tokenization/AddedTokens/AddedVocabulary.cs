using AttentionOperator.Tokenization.Models;
using AttentionOperator.Tokenization.Normalizers;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.AddedTokens;

/// <summary>The added tokens of a tokenizer, with matchers for raw and for normalized text.</summary>
internal sealed class AddedVocabulary
{
    private readonly Dictionary<int, AddedToken> byId = [];
    private readonly Dictionary<string, AddedToken> byContent = new(StringComparer.Ordinal);
    private readonly HashSet<string> specials;

    public AddedVocabulary(IReadOnlyList<AddedToken> tokens, INormalizer? normalizer)
    {
        Tokens = tokens;
        foreach (var token in tokens)
        {
            byId[token.Id] = token;
            byContent[token.Content] = token;
        }
        specials = [.. tokens.Where(t => t.Special).Select(t => t.Content)];
        Raw = new AddedTokenMatcher(tokens.Where(t => !t.Normalized).Select(t => (t.Content, t)));
        Normalized = new AddedTokenMatcher(tokens.Where(t => t.Normalized).Select(t => (NormalizedContent(t, normalizer), t)));
    }

    public IReadOnlyList<AddedToken> Tokens { get; }

    public AddedTokenMatcher Raw { get; }

    public AddedTokenMatcher Normalized { get; }

    public AddedToken? Find(int id) => byId.GetValueOrDefault(id);

    public AddedToken? Find(string content) => byContent.GetValueOrDefault(content);

    public bool IsSpecial(string content) => specials.Contains(content);

    private static string NormalizedContent(AddedToken token, INormalizer? normalizer) =>
        normalizer is null ? token.Content : normalizer.Normalize(AlignedText.Original(token.Content.AsMemory(), 0, tracks: false)).Span.ToString();
}
