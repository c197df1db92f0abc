using System.Security.Cryptography;
using System.Text;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Values;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.Http;

namespace AttentionOperator.Runtime.Serving;

/// <summary>What the headers say about a request.</summary>
/// <param name="Priority">Class: the header's, or Standard, never above the cap that the gateway set.</param>
/// <param name="Deadline">When the caller stops waiting.</param>
/// <param name="IsInternal">The caller holds the internal token.</param>
/// <param name="ResolvedModel">The model that the gateway resolved the request's name to.</param>
/// <param name="CacheNamespace">Whose cached prefixes it may share; the gateway names tenants so that they cannot be guessed.</param>
internal sealed record Caller(PriorityClass Priority, DateTimeOffset? Deadline, bool IsInternal, string? ResolvedModel, string? CacheNamespace)
{
    private const int MaxNamespace = 128;
    private const int MostTokens = 4;

    public static Caller From(IHeaderDictionary headers, string? internalToken, DateTimeOffset now)
    {
        var priority = Class(headers, HeaderNames.Priority) ?? PriorityClass.Standard;
        if (Class(headers, HeaderNames.PriorityCap) is { } cap && cap > priority) priority = cap;
        DateTimeOffset? deadline = null;
        if (headers.TryGetValue(HeaderNames.Deadline, out var text))
        {
            if (!Durations.TryParse(text.ToString(), out var wait) || wait <= TimeSpan.Zero)
            {
                throw ApiErrors.Invalid($"The header {HeaderNames.Deadline} is '{Cut(text.ToString())}'; a duration such as 500ms, 30s or 1m30s is expected.", HeaderNames.Deadline);
            }

            deadline = now + wait;
        }

        var model = headers.TryGetValue(HeaderNames.Model, out var resolved) ? resolved.ToString() : null;
        var cacheNamespace = headers.TryGetValue(HeaderNames.CacheNamespace, out var tenant) ? tenant.ToString() : null;
        if (cacheNamespace?.Length > MaxNamespace) throw ApiErrors.Invalid($"The header {HeaderNames.CacheNamespace} has {cacheNamespace.Length} characters; at most {MaxNamespace} are allowed.", HeaderNames.CacheNamespace);
        return new Caller(priority, deadline, HoldsToken(headers, internalToken), model, cacheNamespace);
    }

    private static PriorityClass? Class(IHeaderDictionary headers, string name)
    {
        if (!headers.TryGetValue(name, out var value)) return null;
        return value.ToString().ToUpperInvariant() switch
        {
            "INTERACTIVE" => PriorityClass.Interactive,
            "STANDARD" => PriorityClass.Standard,
            "BATCH" => PriorityClass.Batch,
            _ => throw ApiErrors.Invalid($"The header {name} is '{Cut(value.ToString())}'; interactive, standard or batch is expected.", name),
        };
    }

    /// <summary>While the token is being changed, the gateway sends the new and the old one: either is good.</summary>
    private static bool HoldsToken(IHeaderDictionary headers, string? internalToken)
    {
        if (string.IsNullOrEmpty(internalToken) || !headers.TryGetValue(HeaderNames.ContinuationToken, out var given)) return false;
        var expected = Encoding.UTF8.GetBytes(internalToken);
        var holds = false;
        foreach (var token in given.ToString().Split(',', MostTokens, StringSplitOptions.TrimEntries)) holds |= CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), expected);
        return holds;
    }

    private static string Cut(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
