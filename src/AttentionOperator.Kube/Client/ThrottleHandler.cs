using AttentionOperator.Kube.Queues;

namespace AttentionOperator.Kube.Client;

/// <summary>Client-side rate limit of one connection.</summary>
public sealed class ThrottleHandler(double queriesPerSecond, int burst, TimeProvider time) : DelegatingHandler
{
    private readonly TokenBucket bucket = new(queriesPerSecond, burst, time);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        TimeSpan wait = bucket.Reserve();
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }

        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
