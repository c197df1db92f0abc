using AttentionOperator.Gateway.Errors;

namespace AttentionOperator.Gateway.Admission;

/// <summary>What one tenant uses. A request's tokens are reserved before it runs and reconciled with what it used afterwards, so that a burst cannot exceed the bound.</summary>
internal sealed class TenantBudget(TimeProvider time)
{
    private readonly Lock _lock = new();
    private TokenBucket? _requests;
    private TokenBucket? _tokens;
    private int _running;

    /// <summary>Reserves, all bounds or none.</summary>
    /// <param name="limits">The tenant's bounds now.</param>
    /// <param name="tokens">Most tokens that the request can use.</param>
    /// <returns>A refusal with an honest time to wait, or null.</returns>
    public GatewayError? Reserve(TenantLimits limits, long tokens)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            Follow(limits, now);
            if (limits.ConcurrentRequests is { } most && _running >= most)
            {
                return new GatewayError(429, "ConcurrencyLimit", $"{_running} requests of the tenant are running; {most} may run at once. Wait for one to end.", RetryAfter: TimeSpan.FromSeconds(1));
            }

            if (_requests?.Wait(1, now) is { Ticks: > 0 } wait)
            {
                return new GatewayError(429, "RequestLimit", $"The tenant may send {limits.RequestsPerMinute} requests per minute.", RetryAfter: wait);
            }

            if (_tokens?.Wait(tokens, now) is { Ticks: > 0 } longer)
            {
                return new GatewayError(429, "TokenLimit", $"The request may use up to {tokens} tokens; {_tokens.Remaining(now)} of {limits.TokensPerMinute} per minute are left. Wait, shorten the input or lower max_tokens.", RetryAfter: longer);
            }

            _requests?.Take(1);
            _tokens?.Take(tokens);
            _running++;
            return null;
        }
    }

    /// <summary>The request is over.</summary>
    public void Reconcile(long reserved, long used)
    {
        lock (_lock)
        {
            _running--;
            _tokens?.Return(reserved - used);
        }
    }

    /// <summary>What a request of so many tokens lacks.</summary>
    public (long Requests, long Tokens) Missing(long tokens)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            return (_requests?.Missing(1, now) ?? 0, _tokens?.Missing(tokens, now) ?? 0);
        }
    }

    /// <summary>Gives away up to so much of what is left.</summary>
    public (long Requests, long Tokens) Lend(TenantLimits limits, long requests, long tokens)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            Follow(limits, now);
            return (_requests?.TakeUpTo(requests, now) ?? 0, _tokens?.TakeUpTo(tokens, now) ?? 0);
        }
    }

    /// <summary>Takes what another gateway gave away.</summary>
    public void Receive(long requests, long tokens)
    {
        lock (_lock)
        {
            _requests?.Receive(requests);
            _tokens?.Receive(tokens);
        }
    }

    public BudgetState State()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            return new BudgetState(
                _requests is { } r ? new BucketState(r.PerMinute, r.Remaining(now), r.UntilFull(now)) : null,
                _tokens is { } t ? new BucketState(t.PerMinute, t.Remaining(now), t.UntilFull(now)) : null);
        }
    }

    /// <summary>Nothing runs and nothing is used up: forgetting it changes nothing.</summary>
    public bool IsIdle()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            return _running == 0 && _requests?.UntilFull(now).Ticks is null or 0 && _tokens?.UntilFull(now).Ticks is null or 0;
        }
    }

    private void Follow(TenantLimits limits, DateTimeOffset now)
    {
        _requests = Follow(_requests, limits.RequestsPerMinute, now);
        _tokens = Follow(_tokens, limits.TokensPerMinute, now);
    }

    private static TokenBucket? Follow(TokenBucket? bucket, long? perMinute, DateTimeOffset now)
    {
        if (perMinute is not { } bound) return null;
        bucket ??= new TokenBucket(bound, now);
        bucket.Resize(bound, now);
        return bucket;
    }
}

/// <summary>A bound, what is left of it, and when it is whole again.</summary>
internal readonly record struct BucketState(long Limit, long Remaining, TimeSpan Reset);

/// <summary>The tenant's bounds per minute; null = without bound.</summary>
internal readonly record struct BudgetState(BucketState? Requests, BucketState? Tokens);
