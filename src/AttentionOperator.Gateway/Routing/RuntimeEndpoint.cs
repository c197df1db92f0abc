using System.IO.Hashing;
using System.Text;

namespace AttentionOperator.Gateway.Routing;

/// <summary>
/// One ready pod. The object outlives rebuilds of its route (same address and pod), so that what is in flight stays counted, and what went wrong stays known.
/// </summary>
internal sealed class RuntimeEndpoint(string address, int port, string pod)
{
    private const int FailuresBeforeEjection = 3;
    private static readonly TimeSpan FirstEjection = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestEjection = TimeSpan.FromMinutes(1);
    private readonly Lock _health = new();
    private long _outstandingTokens;
    private int _inFlight;
    private int _failures;
    private long _ejectedUntil;
    private long _refusesUntil;

    /// <summary>Base address without a trailing slash, for example <c>http://10.1.2.3:8000</c>.</summary>
    public string Prefix { get; } = address.Contains(':', StringComparison.Ordinal) ? $"http://[{address}]:{port}" : $"http://{address}:{port}";

    public string Address { get; } = address;

    public int Port { get; } = port;

    public string Pod { get; } = pod;

    /// <summary>Its identity for consistent hashing: the same at every gateway and after a restart.</summary>
    public ulong HashSeed { get; } = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes($"{address}:{port}"));

    /// <summary>Tokens (estimated) of the requests in flight here.</summary>
    public long OutstandingTokens => Volatile.Read(ref _outstandingTokens);

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Failed several times in a row: left out while others serve.</summary>
    public bool IsEjected(DateTimeOffset now) => Volatile.Read(ref _ejectedUntil) > now.ToUnixTimeMilliseconds();

    /// <summary>Said that it takes no work for now.</summary>
    public bool Refuses(DateTimeOffset now) => Volatile.Read(ref _refusesUntil) > now.ToUnixTimeMilliseconds();

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

    /// <summary>It answered: whatever failed before was not the pod.</summary>
    public void Succeeded()
    {
        if (Volatile.Read(ref _failures) == 0) return;
        lock (_health) _failures = 0;
    }

    /// <summary>It failed to answer. From the third failure in a row on it is ejected: 5 s, then twice as long each time, up to a minute.</summary>
    /// <returns>True when it was ejected.</returns>
    public bool Failed(DateTimeOffset now)
    {
        lock (_health)
        {
            _failures++;
            if (_failures < FailuresBeforeEjection) return false;
            var time = TimeSpan.FromTicks(Math.Min(LongestEjection.Ticks, FirstEjection.Ticks << Math.Min(8, _failures - FailuresBeforeEjection)));
            _ejectedUntil = (now + time).ToUnixTimeMilliseconds();
            return true;
        }
    }

    /// <summary>It refuses work for now (draining, full) and said for how long.</summary>
    public void Refused(DateTimeOffset now, TimeSpan retryAfter)
    {
        lock (_health) _refusesUntil = Math.Max(_refusesUntil, (now + retryAfter).ToUnixTimeMilliseconds());
    }
}
