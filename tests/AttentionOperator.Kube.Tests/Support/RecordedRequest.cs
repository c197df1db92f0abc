namespace AttentionOperator.Kube.Tests.Support;

internal sealed record RecordedRequest(string Method, string Path, string Query, string Body, string? UserAgent)
{
    public bool IsWatch => Query.Contains("watch=true", StringComparison.Ordinal);

    public bool IsStreamingList => Query.Contains("sendInitialEvents=true", StringComparison.Ordinal);

    public bool IsList => Method == "GET" && !IsWatch;
}
