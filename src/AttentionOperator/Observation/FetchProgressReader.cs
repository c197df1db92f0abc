using System.Collections.Concurrent;
using System.Collections.Frozen;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Observation;

/// <summary>
/// Asks pods that fetch their model how far they are, beside the passes, which only take what was answered last: a pod that cannot be reached holds nobody up. A pod
/// that does not answer is left out; its state says that it fetches.
/// </summary>
internal sealed class FetchProgressReader(HttpClient http, TimeProvider time)
{
    private const int Concurrency = 16;

    // Of many the first few tell enough.
    private const int MostPods = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<ObjectKey, Interest> interests = new();

    /// <summary>What a model's pods say changed.</summary>
    public event Action<ObjectKey>? Changed;

    public static FetchProgressReader Create(TimeProvider time) => new(
        // Addresses are pods': no proxy stands between.
        new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = Patience, PooledConnectionLifetime = TimeSpan.FromMinutes(1) }) { MaxResponseContentBufferSize = 64 * 1024, Timeout = Timeout.InfiniteTimeSpan },
        time);

    /// <summary>What is known of a model's fetches, by pod; from now on these pods are asked, and no others of the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pods">Its pods with an address whose fetching container runs; none: nothing is fetched any more.</param>
    public IReadOnlyDictionary<string, FetchProgress> Observe(ObjectKey model, IReadOnlyCollection<V1Pod> pods)
    {
        if (pods.Count == 0)
        {
            interests.TryRemove(model, out _);
            return FrozenDictionary<string, FetchProgress>.Empty;
        }

        var addresses = pods.Take(MostPods).ToDictionary(pod => pod.Metadata.Name, PodAddresses.Of, StringComparer.Ordinal);
        return interests.AddOrUpdate(model, _ => new Interest(addresses, FrozenDictionary<string, FetchProgress>.Empty), (_, old) => old with { Addresses = addresses }).Known;
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                await LookAsync(cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The usual end.
        }
    }

    /// <summary>Asks every pod of interest once.</summary>
    internal Task LookAsync(CancellationToken cancellation) => Parallel.ForEachAsync(
        interests,
        new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellation },
        async (entry, token) =>
        {
            var answers = await Task.WhenAll(entry.Value.Addresses.Select(pod => AskAsync(pod.Key, pod.Value, token)));
            var known = answers.Where(answer => answer.Progress is not null).ToDictionary(answer => answer.Pod, answer => answer.Progress!, StringComparer.Ordinal);
            if (!Same(entry.Value.Known, known) && interests.TryUpdate(entry.Key, entry.Value with { Known = known }, entry.Value))
            {
                Changed?.Invoke(entry.Key);
            }
        });

    private async Task<(string Pod, FetchProgress? Progress)> AskAsync(string pod, string address, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            return (pod, FetchProgress.Parse(await http.GetStringAsync(new Uri(address + FetchProgress.Path), either.Token)));
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return (pod, null);
        }
    }

    private static bool Same(IReadOnlyDictionary<string, FetchProgress> left, Dictionary<string, FetchProgress> right) =>
        left.Count == right.Count && left.All(entry => right.TryGetValue(entry.Key, out var other) && other == entry.Value);

    private sealed record Interest(IReadOnlyDictionary<string, string> Addresses, IReadOnlyDictionary<string, FetchProgress> Known);
}
