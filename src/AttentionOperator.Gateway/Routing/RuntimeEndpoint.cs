namespace AttentionOperator.Gateway.Routing;

/// <summary>
/// One ready pod. The object outlives rebuilds of the routing table (same address and pod), so that what is in flight stays counted.
/// </summary>
internal sealed class RuntimeEndpoint(string address, int port, string pod)
{
    private long _outstandingTokens;
    private int _inFlight;

    /// <summary>Base address, for example <c>http://10.1.2.3:8000/</c>.</summary>
    public string Prefix { get; } = address.Contains(':', StringComparison.Ordinal) ? $"http://[{address}]:{port}/" : $"http://{address}:{port}/";

    public string Address { get; } = address;

    public int Port { get; } = port;

    public string Pod { get; } = pod;

    /// <summary>Tokens (estimated) of the requests in flight here.</summary>
    public long OutstandingTokens => Volatile.Read(ref _outstandingTokens);

    public int InFlight => Volatile.Read(ref _inFlight);

    public void Begin(long tokens)
    {
        Interlocked.Add(ref _outstandingTokens, tokens);
        Interlocked.Increment(ref _inFlight);
    }

    public void End(long tokens)
    {
        Interlocked.Add(ref _outstandingTokens, -tokens);
        Interlocked.Decrement(ref _inFlight);
    }
}
