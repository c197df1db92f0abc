using AttentionOperator.Api.Naming;

namespace AttentionOperator.Gateway.Requests;

/// <summary>Headers that only the gateway may send to runtimes.</summary>
internal static class InternalHeaders
{
    public static void Strip(IHeaderDictionary headers)
    {
        foreach (var name in headers.Keys.Where(k => k.StartsWith(HeaderNames.InternalPrefix, StringComparison.OrdinalIgnoreCase)).ToList()) headers.Remove(name);
    }
}
