namespace AttentionOperator.Kube.Leases;

/// <summary>
/// Lets writes through only during a term, and cancels those in flight when it ends: whatever a reconciler does with its token, nothing is written without the lease.
/// Reads pass always, so that a standby keeps its caches warm.
/// </summary>
public sealed class LeadershipGate : DelegatingHandler
{
    private volatile LeaderTerm? term;

    internal void Open(LeaderTerm current) => term = current;

    internal void Close() => term = null;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Method == HttpMethod.Get || request.Method == HttpMethod.Head || IsReview(request))
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        if (term is not { } current || current.Token.IsCancellationRequested)
        {
            throw new NotLeadingException($"{request.Method} {request.RequestUri?.AbsolutePath} was refused, because this process does not hold the lease.");
        }

        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, current.Token);
        return await base.SendAsync(request, linked.Token).ConfigureAwait(false);
    }

    // Access and token reviews are questions, although they are asked with POST.
    private static bool IsReview(HttpRequestMessage request) =>
        request.RequestUri?.AbsolutePath is { } path
        && (path.Contains("/apis/authentication.k8s.io/", StringComparison.Ordinal) || path.Contains("/apis/authorization.k8s.io/", StringComparison.Ordinal));
}
