using System.Net;

namespace AttentionOperator.Kube.Client;

/// <summary>
/// Repeats a request as the server asks: 429 always (it was not processed), 5xx only with Retry-After.
/// A server error without that header may have been processed, so the reconciler's back-off deals with it.
/// </summary>
public sealed class RetryAfterHandler(int maxRetries, TimeProvider time) : DelegatingHandler
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>How long to wait before the next attempt, or null where the answer is final.</summary>
    public static TimeSpan? DelayFor(HttpResponseMessage response, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(response);
        bool tooMany = response.StatusCode == HttpStatusCode.TooManyRequests;
        if (!tooMany && (int)response.StatusCode < 500)
        {
            return null;
        }

        TimeSpan? asked = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - now,
            _ => null,
        };
        if (asked is null)
        {
            return tooMany ? TimeSpan.FromSeconds(1) : null;
        }

        return TimeSpan.FromTicks(Math.Clamp(asked.Value.Ticks, 0, Longest.Ticks));
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (attempt >= maxRetries || DelayFor(response, time.GetUtcNow()) is not { } delay)
            {
                return response;
            }

            response.Dispose();
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
