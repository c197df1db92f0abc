using System.Collections.Concurrent;

namespace AttentionOperator.RuntimeBench;

/// <summary>What a load saw. Thread-safe.</summary>
internal sealed class LoadStatistics
{
    private readonly ConcurrentBag<(RequestKind Kind, Attempt Attempt, bool Return)> attempts = [];

    public void Add(RequestKind kind, Attempt attempt, bool isReturn) => attempts.Add((kind, attempt, isReturn));

    public int Count(RequestKind kind, Func<Attempt, bool> which) => attempts.Count(a => a.Kind == kind && which(a.Attempt));

    public int Answered => attempts.Count(a => a.Attempt.Answered);

    public int Refused => attempts.Count(a => a.Attempt.Status == 503);

    /// <summary>Neither answered nor refused with a time to come back.</summary>
    public int Failed => attempts.Count(a => !a.Attempt.Answered && (a.Attempt.Status != 503 || a.Attempt.RetryAfter is null));

    /// <summary>Those that came back when they were told, and those of them that were taken.</summary>
    public (int Came, int Admitted) Returns(RequestKind? kind = null)
    {
        var came = attempts.Where(a => a.Return && (kind is null || a.Kind == kind)).ToList();
        return (came.Count, came.Count(a => a.Attempt.Answered));
    }

    /// <summary>Seconds from sending to the end of the answer, or to its first byte; refusals are not in it.</summary>
    public double Quantile(RequestKind kind, double quantile, bool firstByte = false)
    {
        var seconds = attempts.Where(a => a.Kind == kind && a.Attempt.Answered).Select(a => firstByte ? a.Attempt.FirstByte : a.Attempt.Total).ToList();
        return seconds.Count == 0 ? double.NaN : Quantiles.Of(seconds, quantile);
    }
}
