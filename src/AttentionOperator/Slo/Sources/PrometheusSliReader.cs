using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Sli;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Slo.Sources;

/// <summary>
/// Reads the gateways' counters from a Prometheus server: the raw ones, per scraped process, so that restarts and gaps are treated as they are for the gateways
/// themselves, and no rate, no window and no empty vector has to be interpreted.
/// </summary>
internal sealed class PrometheusSliReader(HttpClient http, TimeProvider time, ILogger<PrometheusSliReader> logger) : ISliReader
{
    private const int Concurrency = 8;

    // Scrapes are rarer than that; asking more often shows nothing new.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<ObjectKey, Reading> readings = new();

    public async Task ReadAsync(IReadOnlyCollection<WatchedModel> models, CancellationToken cancellation)
    {
        foreach (var gone in readings.Keys.Except(models.Where(model => model.Prometheus is not null).Select(model => model.Key)))
        {
            readings.TryRemove(gone, out _);
        }

        await Parallel.ForEachAsync(
            models.Where(model => model.Prometheus is not null && (!readings.TryGetValue(model.Key, out var reading) || time.GetElapsedTime(reading.AskedAt) >= Interval)),
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellation },
            async (model, token) => await ReadAsync(model, token));
    }

    public SliObservation? Find(ObjectKey model) => readings.TryGetValue(model, out var reading) && reading.ReadAt is { } at
        ? new SliObservation(reading.Gateways, time.GetElapsedTime(at) < Freshness)
        : null;

    /// <summary>The query for a model's counters.</summary>
    internal static string Query(ObjectKey model) =>
        $"{MetricNames.ObjectiveRequests}{{{MetricNames.ModelNamespace}=\"{model.Namespace}\",{MetricNames.Model}=\"{model.Name}\"}}";

    /// <summary>Reads the answer of <c>/api/v1/query</c>; values that are no numbers (NaN, infinite) are left out.</summary>
    /// <exception cref="JsonException">The answer is an error, or no vector.</exception>
    internal static IReadOnlyList<GatewayCounters> Parse(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        if (!root.TryGetProperty("status", out var status) || status.GetString() != "success" || !root.TryGetProperty("data", out var data)
            || !data.TryGetProperty("result", out var result) || result.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException(root.TryGetProperty("error", out var error) ? error.GetString() : "the answer holds no vector");
        }

        var samples = result.EnumerateArray()
            .Select(series => (Labels: series.GetProperty("metric"), Value: Number(series)))
            .Where(series => series.Value is not null)
            .Select(series => new
            {
                // A pod outlives its processes and an address its pods; counters that went back are seen as such.
                Instance = $"{Label(series.Labels, "pod")}/{Label(series.Labels, "instance")}",
                Revision = Label(series.Labels, MetricNames.Revision),
                Objective = Label(series.Labels, MetricNames.Objective),
                Bad = Label(series.Labels, MetricNames.Result) == MetricNames.Bad,
                Value = series.Value!.Value,
            });
        return
        [
            .. samples.GroupBy(sample => sample.Instance, StringComparer.Ordinal).OrderBy(gateway => gateway.Key, StringComparer.Ordinal).Select(gateway => new GatewayCounters(
                gateway.Key,
                DateTimeOffset.MinValue,
                [
                    .. gateway.GroupBy(sample => sample.Revision, StringComparer.Ordinal).Select(revision => new RevisionSli
                    {
                        Revision = revision.Key,
                        Objectives =
                        [
                            .. revision.GroupBy(sample => sample.Objective, StringComparer.Ordinal).Select(objective => new ObjectiveSli
                            {
                                Name = objective.Key,
                                Definition = "",
                                Good = objective.Where(sample => !sample.Bad).Sum(sample => sample.Value),
                                Bad = objective.Where(sample => sample.Bad).Sum(sample => sample.Value),
                            }),
                        ],
                    }),
                ])),
        ];
    }

    private async Task ReadAsync(WatchedModel model, CancellationToken cancellation)
    {
        var before = readings.GetValueOrDefault(model.Key) ?? new Reading([], 0, null, false);
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            var address = new Uri($"{model.Prometheus!.TrimEnd('/')}/api/v1/query?query={Uri.EscapeDataString(Query(model.Key))}");
            var gateways = Parse(await http.GetByteArrayAsync(address, either.Token));
            // An empty vector is silence of the metric, not a counter that went back to nothing.
            readings[model.Key] = new Reading(gateways.Count > 0 ? gateways : before.Gateways, time.GetTimestamp(), time.GetTimestamp(), false);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or UriFormatException or KeyNotFoundException or InvalidOperationException
            || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            if (!before.Failing)
            {
                SliLog.PrometheusUnreadable(logger, model.Prometheus!, model.Key.ToString(), e.Message);
            }

            readings[model.Key] = before with { AskedAt = time.GetTimestamp(), Failing = true };
        }
    }

    private static string Label(JsonElement labels, string name) => labels.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static long? Number(JsonElement series) =>
        series.TryGetProperty("value", out var pair) && pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2
            && double.TryParse(pair[1].GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) && number is >= 0 and < 1e18
            ? (long)number
            : null;

    private sealed record Reading(IReadOnlyList<GatewayCounters> Gateways, long AskedAt, long? ReadAt, bool Failing);
}
