using System.Buffers;
using AttentionOperator.Tokenization.Models;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.AddedTokens;

/// <summary>Finds added tokens: leftmost, then longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly TokenTrie? trie;
    private readonly AddedToken[] tokens;
    private readonly SearchValues<char> firsts;

    /// <param name="tokens">Tokens with the string that stands for each in the text to search.</param>
    public AddedTokenMatcher(IEnumerable<(string Text, AddedToken Token)> tokens)
    {
        var byText = new Dictionary<string, int>(StringComparer.Ordinal);
        var list = new List<AddedToken>();
        foreach (var (text, token) in tokens)
        {
            if (text.Length == 0)
                continue;
            byText[text] = list.Count;
            list.Add(token);
        }
        this.tokens = [.. list];
        trie = list.Count == 0 ? null : new TokenTrie(byText);
        firsts = SearchValues.Create([.. byText.Keys.Select(t => t[0]).Distinct()]);
    }

    public bool IsEmpty => trie is null;

    /// <summary>Appends consecutive ranges that cover the text; nothing where there is no match at all.</summary>
    public void Find(ReadOnlySpan<char> text, List<AddedTokenMatch> matches)
    {
        if (trie is null)
            return;
        var done = 0;
        var found = false;
        for (var at = 0; at < text.Length;)
        {
            var skip = text[at..].IndexOfAny(firsts);
            if (skip < 0)
                break;
            at += skip;
            if (!TryMatch(text, at, out var stop, out var token))
            {
                at++;
                continue;
            }
            var start = at;
            at = stop;
            if (token.SingleWord && (EndsWithWord(text[..start]) || StartsWithWord(text[stop..])))
                continue;
            if (token.LeftStrip)
                start = Math.Max(text[..start].TrimEnd().Length, done);
            if (token.RightStrip)
                stop = text.Length - text[stop..].TrimStart().Length;
            if (done < start)
                matches.Add(new AddedTokenMatch(done, start, null));
            matches.Add(new AddedTokenMatch(start, stop, token));
            done = stop;
            found = true;
        }
        if (found && done < text.Length)
            matches.Add(new AddedTokenMatch(done, text.Length, null));
    }

    private bool TryMatch(ReadOnlySpan<char> text, int start, out int stop, out AddedToken token)
    {
        stop = -1;
        token = null!;
        var node = 0;
        for (var i = start; i < text.Length; i++)
        {
            node = trie!.Step(node, text[i]);
            if (node == 0)
                break;
            if (trie.ValueOf(node) is var value and >= 0)
                (stop, token) = (i + 1, tokens[value]);
        }
        return stop >= 0;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return false;
        var last = text.Length - 1;
        if (last > 0 && char.IsLowSurrogate(text[last]) && char.IsHighSurrogate(text[last - 1]))
            last--;
        return Scalars.IsWord(Scalars.At(text, last, out _));
    }

    private static bool StartsWithWord(ReadOnlySpan<char> text) => !text.IsEmpty && Scalars.IsWord(Scalars.At(text, 0, out _));
}
