namespace AttentionOperator.Gateway.Requests;

/// <summary>The paths that clients may use. Nothing else of a runtime can be reached through the gateway.</summary>
internal static class ClientPaths
{
    public const string Models = "/v1/models";

    public const string Feedback = "/v1/feedback";

    /// <summary>POST paths that are forwarded to a runtime, by the <c>model</c> in the body.</summary>
    public static readonly IReadOnlyList<string> Forwarded =
    [
        "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/rerank", "/v1/classify", "/v1/chat/completions/render", "/v1/completions/render", "/tokenize", "/detokenize",
    ];

    private static readonly HashSet<string> Known = new(Forwarded, StringComparer.Ordinal);

    public static bool IsForwarded(PathString path) => path.Value is { } value && Known.Contains(value);

    /// <summary>Paths whose answer is generated token by token.</summary>
    public static bool Generates(PathString path) => path.Value is "/v1/chat/completions" or "/v1/completions";
}
