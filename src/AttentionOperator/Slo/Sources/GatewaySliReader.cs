using System.Collections.Concurrent;
using System.Text.Json;
using AttentionOperator.Api.Sli;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Slo.Sources;

/// <summary>
/// Reads <c>GET /slis</c> of every gateway at once, and remembers each process's last answer: a gateway that cannot be reached for a moment, or ever again, has
/// still counted what it counted.
/// </summary>
internal sealed class GatewaySliReader(Func<IReadOnlyCollection<Uri>> gateways, HttpClient http, TimeProvider time, ILogger<GatewaySliReader> logger) : ISliReader
{
    private const int Concurrency = 16;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Reading> readings = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Uri, bool> failing = new();
    private long lastSuccess;

    private bool IsFresh => lastSuccess != 0 && time.GetElapsedTime(Volatile.Read(ref lastSuccess)) < Freshness;

    public async Task ReadAsync(IReadOnlyCollection<WatchedModel> models, CancellationToken cancellation)
    {
        if (models.All(model => model.Prometheus is not null))
        {
            return;
        }

        var addresses = gateways();
        await Parallel.ForEachAsync(
            addresses,
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellation },
            async (address, token) => await ReadAsync(address, token));
        foreach (var (instance, reading) in readings)
        {
            if (time.GetElapsedTime(reading.At) > Memory)
            {
                readings.TryRemove(instance, out _);
            }
        }

        foreach (var address in failing.Keys.Except(addresses))
        {
            failing.TryRemove(address, out _);
        }
    }

    public SliObservation? Find(ObjectKey model) => readings.IsEmpty
        ? null
        : new SliObservation(
            [
                .. readings.Values.OrderBy(reading => reading.Snapshot.Instance, StringComparer.Ordinal).Select(reading => new GatewayCounters(
                    reading.Snapshot.Instance,
                    reading.Snapshot.StartedAt,
                    reading.Snapshot.Models.FirstOrDefault(found => found.Namespace == model.Namespace && found.Name == model.Name)?.Revisions ?? [])),
            ],
            IsFresh);

    private async Task ReadAsync(Uri address, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            var body = await http.GetByteArrayAsync(address, either.Token);
            var snapshot = JsonSerializer.Deserialize<SliSnapshot>(body, Json) ?? throw new JsonException("the answer is null");
            var at = time.GetTimestamp();
            readings[snapshot.Instance] = new Reading(snapshot, at);
            Volatile.Write(ref lastSuccess, at);
            if (failing.TryRemove(address, out _))
            {
                SliLog.Recovered(logger, address);
            }
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // Said once: a gateway that is gone is gone every second.
            if (failing.TryAdd(address, true))
            {
                SliLog.Unreadable(logger, address, e.Message);
            }
        }
    }

    private sealed record Reading(SliSnapshot Snapshot, long At);
}
