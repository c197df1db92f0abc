using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Runtime.Http;

namespace AttentionOperator.Runtime.Serving;

/// <summary>Pure decisions about token counts.</summary>
internal static class TokenCaps
{
    /// <summary>Applies the policy to one input. <paramref name="prefix"/> and <paramref name="suffix"/> special ids at its ends survive truncation.</summary>
    /// <returns>The ids; or null where the input has to be chunked.</returns>
    public static Prompt? Fit(int[] ids, int cap, TooLongPolicy policy, int prefix, int suffix, string param)
    {
        if (ids.Length <= cap) return new Prompt(ids);
        switch (policy)
        {
            case TooLongPolicy.TruncateEnd or TooLongPolicy.TruncateStart when cap > prefix + suffix:
                var kept = cap - prefix - suffix;
                var from = policy == TooLongPolicy.TruncateEnd ? prefix : ids.Length - suffix - kept;
                int[] shorter = [.. ids.AsSpan(0, prefix), .. ids.AsSpan(from, kept), .. ids.AsSpan(ids.Length - suffix)];
                return new Prompt(shorter, new Shortening(policy, ids.Length, shorter.Length, 1));
            case TooLongPolicy.Chunk when cap > prefix + suffix:
                return null;
            default:
                throw InputTooLong(ids.Length, cap, param);
        }
    }

    public static ApiException InputTooLong(long tokens, int cap, string param, bool atLeast = false) => ApiErrors.TooLong(
        FormattableString.Invariant($"The input has {(atLeast ? "at least " : "")}{tokens} tokens; this model takes at most {cap}. Shorten the input."), param);

    /// <summary>Output budget of a request, or the error that names all numbers.</summary>
    /// <param name="asked">What the request asks for; null = as much as possible.</param>
    /// <param name="inputTokens">Tokens of the prompt that share the positions (0 for an encoder-decoder).</param>
    /// <param name="maxPositions">Longest sequence.</param>
    /// <param name="maxOutput">Cap of the spec.</param>
    /// <param name="param">Field at fault.</param>
    /// <param name="clampAsked">Cut the asked number to what is left, for an endpoint's own default.</param>
    public static int OutputBudget(int? asked, int inputTokens, int maxPositions, int? maxOutput, string param, bool clampAsked = false)
    {
        var left = maxPositions - inputTokens;
        if (asked == 0) return 0;
        if (left < 1)
        {
            throw ApiErrors.TooLong(FormattableString.Invariant($"The input has {inputTokens} tokens and leaves no room for output: the model has {maxPositions} positions."), "input_tokens");
        }

        var most = Math.Min(left, maxOutput ?? int.MaxValue);
        if (asked is null) return most;
        if (asked <= most || clampAsked) return Math.Min(asked.Value, most);
        throw maxOutput < asked
            ? ApiErrors.TooLong(FormattableString.Invariant($"'{param}' is {asked}; this model gives at most {maxOutput} output tokens."), param)
            : ApiErrors.TooLong(FormattableString.Invariant($"The input has {inputTokens} tokens and '{param}' is {asked}, together {inputTokens + (long)asked}; the model has {maxPositions} positions, so at most {left} are left."), param);
    }

    /// <summary>Overlapping chunks of the inner ids (without special ids): start and length of each. Every id is in at least one.</summary>
    public static List<(int Start, int Length)> Chunks(int length, int size, int overlap)
    {
        var chunks = new List<(int, int)>();
        var step = Math.Max(1, size - overlap);
        for (var start = 0; ; start += step)
        {
            if (start + size >= length)
            {
                // The last one is moved back to be full: a short tail would weigh a few words as much as a page.
                var from = Math.Max(0, length - size);
                chunks.Add((from, length - from));
                return chunks;
            }

            chunks.Add((start, size));
        }
    }
}
