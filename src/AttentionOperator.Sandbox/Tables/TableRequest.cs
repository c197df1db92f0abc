namespace AttentionOperator.Sandbox.Tables;

/// <summary>Content negotiation for tables and metadata-only answers. The first acceptable entry decides.</summary>
internal static class TableRequest
{
    public static bool Wants(HttpContext context, out string includeObject)
    {
        includeObject = context.Request.Query["includeObject"].ToString() is { Length: > 0 } given ? given : "Metadata";
        return As(context) == "Table";
    }

    public static bool WantsMetadataOnly(HttpContext context) => As(context) is "PartialObjectMetadata" or "PartialObjectMetadataList";

    private static string? As(HttpContext context)
    {
        foreach (var entry in context.Request.Headers.Accept.ToString().Split(','))
        {
            var parts = entry.Split(';').Select(p => p.Trim()).ToArray();
            if (parts[0] is not ("application/json" or "*/*")) continue;
            var wanted = parts.FirstOrDefault(p => p.StartsWith("as=", StringComparison.Ordinal))?[3..];
            if (wanted is null || parts.Contains("v=v1")) return wanted;
        }

        return null;
    }
}
