namespace AttentionOperator.Serving;

/// <summary>Something that the operator serves over TLS to the API server: an aggregated API, admission webhooks.</summary>
internal interface ISecureApi
{
    /// <summary>Whether a path is this API's.</summary>
    bool Owns(PathString path);

    Task HandleAsync(HttpContext context);
}
