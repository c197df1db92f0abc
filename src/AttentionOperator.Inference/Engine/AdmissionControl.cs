namespace AttentionOperator.Inference.Engine;

/// <summary>
/// Bounds what waits, in requests and in tokens, and says when to come back. A place is taken before any work is done for the request and
/// given back when it first runs or is dropped; a preempted request needs none. Thread-safe.
/// </summary>
internal sealed class AdmissionControl(int maxRequests, long maxTokens, double interactiveReserve, TimeProvider time)
{
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(2);
    private readonly Lock gate = new();
    private readonly RateMeter requestRate = new(time, RateWindow);
    private readonly RateMeter tokenRate = new(time, RateWindow);
    private int requests;
    private long tokens;
    private double promisedRequests;
    private double promisedTokens;
    private long promisedAt = time.GetTimestamp();

    public (int Requests, long Tokens) Waiting
    {
        get
        {
            lock (gate) return (requests, tokens);
        }
    }

    /// <summary>Takes a place or throws <see cref="RequestRefusedException"/>.</summary>
    public void Enter(int cost, PriorityClass priority)
    {
        lock (gate)
        {
            var share = priority == PriorityClass.Interactive ? 1 : 1 - interactiveReserve;
            var requestLimit = Math.Max(1, (int)(maxRequests * share));
            var tokenLimit = (long)(maxTokens * share);
            if (requests + 1 > requestLimit)
            {
                throw new RequestRefusedException(
                    RefusalReason.QueueFull, $"{requests} requests are waiting, of {requestLimit} that may wait in class {priority}.", RetryAfter(cost, requestLimit, tokenLimit));
            }

            // A request larger than the whole bound is taken when nothing else waits, else it could never run.
            if (tokens > 0 && tokens + cost > tokenLimit)
            {
                throw new RequestRefusedException(
                    RefusalReason.TokensFull, $"{tokens} tokens are waiting; {cost} more would pass the {tokenLimit} that may wait in class {priority}.",
                    RetryAfter(cost, requestLimit, tokenLimit));
            }

            requests++;
            tokens += cost;
        }
    }

    /// <summary>The request started: this is what the drain rate is measured from.</summary>
    public void Start(int cost)
    {
        lock (gate)
        {
            requestRate.Add(1);
            tokenRate.Add(cost);
            requests--;
            tokens -= cost;
        }
    }

    /// <summary>The request left the queue without having run.</summary>
    public void Drop(int cost)
    {
        lock (gate)
        {
            requests--;
            tokens -= cost;
        }
    }

    /// <summary>
    /// Time until the queue has drained enough for this request and for all that were told to come back before it. Without the second part
    /// all refused clients would return at the same moment, and most of them would be refused again.
    /// </summary>
    private TimeSpan RetryAfter(int cost, int requestLimit, long tokenLimit)
    {
        var requestsPerSecond = requestRate.PerSecond();
        var tokensPerSecond = tokenRate.PerSecond();
        var now = time.GetTimestamp();
        var elapsed = time.GetElapsedTime(promisedAt, now).TotalSeconds;
        promisedAt = now;
        promisedRequests = Math.Max(0, promisedRequests - (elapsed * requestsPerSecond)) + 1;
        promisedTokens = Math.Max(0, promisedTokens - (elapsed * tokensPerSecond)) + cost;
        var seconds = Math.Max(
            Seconds(requests - requestLimit + promisedRequests, requestsPerSecond),
            Seconds(tokens - tokenLimit + promisedTokens, tokensPerSecond));
        return TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(seconds), ShortestRetry.TotalSeconds, LongestRetry.TotalSeconds));
    }

    private static double Seconds(double excess, double rate) =>
        excess <= 0 ? 0 : rate <= 0 ? ShortestRetry.TotalSeconds : excess / rate;
}
