using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Sli;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;

namespace AttentionOperator.Demand;

/// <summary>
/// Reads gateways and replicas when somebody asks, and not more often than once per <see cref="Freshness"/> however many do: any replica of the operator can
/// answer for any model, and models that nobody scales cost nothing.
/// </summary>
/// <param name="gateways">Where gateways answer with their counters, and whether clients are sent there.</param>
/// <param name="pods">The pods of a model.</param>
internal sealed class DemandReader(
    Func<IReadOnlyDictionary<Uri, bool>> gateways, Func<ObjectKey, IEnumerable<ObservedPod>> pods, HttpClient http, TimeProvider time, ILogger<DemandReader> logger) : IDemandSource
{
    private const int Concurrency = 32;
    private const double Quantile = 0.95;

    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // A gateway or replica that is busy for a moment has not lost its queue.
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly ConcurrentDictionary<Uri, (SliSnapshot Snapshot, long At)> snapshots = new();
    private readonly ConcurrentDictionary<ObjectKey, SharedReading<PodLoad[]>> loads = new();
    private readonly ConcurrentDictionary<ObjectKey, (PodLoad Load, long At)> lastLoads = new();
    private readonly ConcurrentDictionary<ObjectKey, List<(FirstTokenHistogram Histogram, long At)>> histograms = new();
    private readonly ConcurrentDictionary<Uri, bool> failing = new();
    private SharedReading<GatewayReading>? reading;

    public async Task<ModelDemand> ReadAsync(ObjectKey model, bool withPods, CancellationToken cancellation)
    {
        var gatewayReading = LazyInitializer.EnsureInitialized(ref reading, () => new SharedReading<GatewayReading>(ReadGatewaysAsync, time)).GetAsync(Freshness, cancellation);
        if (!withPods)
        {
            return (await gatewayReading).Of(model);
        }

        var podReading = loads.GetOrAdd(model, key => new SharedReading<PodLoad[]>(() => ReadPodsAsync(key), time)).GetAsync(Freshness, cancellation);
        return (await gatewayReading).Of(model) with { Pods = await podReading };
    }

    public async Task<double?> FirstTokenP95Async(ObjectKey model, CancellationToken cancellation)
    {
        var histogram = new FirstTokenHistogram();
        foreach (var (address, ready) in gateways())
        {
            if (await GetAsync(new Uri(address, RuntimeLayout.MetricsPath), cancellation) is { } text)
            {
                histogram.Add(model, text);
            }
            else if (ready)
            {
                return null;
            }
        }

        var now = time.GetTimestamp();
        var history = histograms.GetOrAdd(model, _ => []);
        lock (history)
        {
            // The newest that is a whole window old, and everything since.
            while (history.Count > 1 && time.GetElapsedTime(history[1].At, now) >= Window)
            {
                history.RemoveAt(0);
            }

            var value = history.Count == 0 ? null : histogram.Quantile(Quantile, history[0].Histogram);
            if (history.Count == 0 || time.GetElapsedTime(history[^1].At, now) >= TimeSpan.FromSeconds(1))
            {
                history.Add((histogram, now));
            }

            return value;
        }
    }

    public void Forget(ObjectKey model)
    {
        loads.TryRemove(model, out _);
        histograms.TryRemove(model, out _);
    }

    private async Task<GatewayReading> ReadGatewaysAsync()
    {
        var endpoints = gateways();
        await Parallel.ForEachAsync(endpoints.Keys, new ParallelOptions { MaxDegreeOfParallelism = Concurrency }, async (address, cancellation) =>
        {
            if (await GetAsync(address, cancellation) is { } text && Parse(address, text) is { } snapshot)
            {
                snapshots[address] = (snapshot, time.GetTimestamp());
            }
        });
        foreach (var gone in snapshots.Keys.Where(address => !endpoints.ContainsKey(address) || time.GetElapsedTime(snapshots[address].At) > Memory))
        {
            snapshots.TryRemove(gone, out _);
        }

        foreach (var gone in failing.Keys.Where(address => address.AbsolutePath == "/slis" && !endpoints.ContainsKey(address)))
        {
            failing.TryRemove(gone, out _);
        }

        return new GatewayReading(
            [.. snapshots.Values.Select(entry => entry.Snapshot)],
            endpoints.Values.Any(ready => ready) && endpoints.All(endpoint => !endpoint.Value || snapshots.ContainsKey(endpoint.Key)));
    }

    private SliSnapshot? Parse(Uri address, string text)
    {
        try
        {
            return JsonSerializer.Deserialize<SliSnapshot>(text, Json);
        }
        catch (JsonException e)
        {
            Failed(address, e.Message);
            return null;
        }
    }

    private async Task<PodLoad[]> ReadPodsAsync(ObjectKey model)
    {
        var serving = pods(model).Where(pod => pod is { IsReady: true, Address: not null }).ToList();
        var answers = new PodLoad[serving.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, serving.Count), new ParallelOptions { MaxDegreeOfParallelism = Concurrency }, async (index, cancellation) =>
        {
            var pod = serving[index];
            if (await GetAsync(AddressOf(pod.Address!), cancellation) is { } text)
            {
                answers[index] = RuntimeMetrics.Read(pod.Key.Name, pod.Revision, text);
                lastLoads[pod.Key] = (answers[index], time.GetTimestamp());
            }
            else
            {
                answers[index] = lastLoads.TryGetValue(pod.Key, out var last) && time.GetElapsedTime(last.At) <= Memory ? last.Load : new PodLoad(pod.Key.Name, pod.Revision, false);
            }
        });
        foreach (var (pod, last) in lastLoads)
        {
            if (time.GetElapsedTime(last.At) > Memory)
            {
                lastLoads.TryRemove(pod, out _);
            }
        }

        return answers;
    }

    private async Task<string?> GetAsync(Uri address, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
            using var response = await http.SendAsync(request, either.Token);
            response.EnsureSuccessStatusCode();
            var text = await response.Content.ReadAsStringAsync(either.Token);
            if (failing.TryRemove(address, out _))
            {
                DemandLog.Recovered(logger, address);
            }

            return text;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            Failed(address, e.Message);
            return null;
        }
    }

    // Said once: what is gone is gone at every reading.
    private void Failed(Uri address, string error)
    {
        if (failing.Count < 10_000 && failing.TryAdd(address, true))
        {
            DemandLog.Unreadable(logger, address, error);
        }
    }

    private static Uri AddressOf(string address) =>
        new(string.Create(CultureInfo.InvariantCulture, $"http://{(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address)}:{PortNames.Runtime}{RuntimeLayout.MetricsPath}"));
}
