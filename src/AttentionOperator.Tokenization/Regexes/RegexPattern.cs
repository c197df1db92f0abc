using System.Buffers;
using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace AttentionOperator.Tokenization.Regexes;

/// <summary>A regular expression with bounded time, matched scalar by scalar.</summary>
internal sealed class RegexPattern(Regex regex) : ISplitPattern
{
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(2);
    private const long TextTimeoutMilliseconds = 20_000;
    private const int CachedPatterns = 64;

    // Compiling a pattern costs tens of milliseconds, and a process loads the same few patterns again and again.
    private static readonly ConcurrentDictionary<string, Regex> Compiled = new(StringComparer.Ordinal);

    /// <summary>Compiles a translated pattern. Throws <see cref="ArgumentException"/> where it is not valid.</summary>
    public static RegexPattern Compile(string pattern)
    {
        if (!Compiled.TryGetValue(pattern, out var regex))
        {
            regex = new Regex(pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant, MatchTimeout);
            if (Compiled.Count < CachedPatterns)
                Compiled.TryAdd(pattern, regex);
        }
        return new RegexPattern(regex);
    }

    public void FindMatches(ReadOnlySpan<char> text, List<PatternMatch> matches)
    {
        if (!ShadowText.IsNeeded(text))
        {
            Enumerate(text, [], matches);
            return;
        }
        var shadow = ArrayPool<char>.Shared.Rent(text.Length);
        var positions = ArrayPool<int>.Shared.Rent(text.Length + 1);
        try
        {
            var length = ShadowText.Write(text, shadow, positions);
            Enumerate(shadow.AsSpan(0, length), positions.AsSpan(0, length + 1), matches);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(shadow);
            ArrayPool<int>.Shared.Return(positions);
        }
    }

    private void Enumerate(ReadOnlySpan<char> text, ReadOnlySpan<int> positions, List<PatternMatch> matches)
    {
        var done = 0;
        var deadline = Environment.TickCount64 + TextTimeoutMilliseconds;
        var count = 0;
        try
        {
            foreach (var match in regex.EnumerateMatches(text))
            {
                if ((++count & 0x3FF) == 0 && Environment.TickCount64 > deadline)
                    throw new TokenizationException($"The split pattern '{regex}' needs more than {TextTimeoutMilliseconds} ms for this text.");
                if (match.Length == 0)
                    continue;
                if (match.Index > done)
                    Add(positions, done, match.Index, false, matches);
                Add(positions, match.Index, match.Index + match.Length, true, matches);
                done = match.Index + match.Length;
            }
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new TokenizationException($"The split pattern '{regex}' needs more than {MatchTimeout.TotalSeconds} s for one match.", e);
        }
        if (done < text.Length)
            Add(positions, done, text.Length, false, matches);
    }

    private static void Add(ReadOnlySpan<int> positions, int start, int end, bool isMatch, List<PatternMatch> matches) => matches.Add(
        positions.IsEmpty ? new PatternMatch(start, end, isMatch) : new PatternMatch(positions[start], positions[end], isMatch));
}
