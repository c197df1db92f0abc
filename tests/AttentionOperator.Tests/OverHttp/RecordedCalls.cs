using System.Collections.Concurrent;

namespace AttentionOperator.Tests.OverHttp;

/// <summary>Notes every request of the operator to the API server.</summary>
internal sealed class RecordedCalls : DelegatingHandler
{
    private readonly ConcurrentQueue<string> calls = new();

    public IReadOnlyList<string> All => [.. calls];

    public IReadOnlyList<string> Writes => [.. calls.Where(call => !call.StartsWith("GET ", StringComparison.Ordinal))];

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        calls.Enqueue($"{request.Method} {request.RequestUri!.PathAndQuery}");
        return base.SendAsync(request, cancellationToken);
    }
}
