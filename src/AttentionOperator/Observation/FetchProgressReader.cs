using System.Collections.Frozen;
using AttentionOperator.Api.Runtime;
using k8s.Models;

namespace AttentionOperator.Observation;

/// <summary>Asks pods that fetch their model how far they are. A pod that does not answer is not worth waiting for: its state says that it fetches.</summary>
internal sealed class FetchProgressReader(HttpClient http, TimeProvider time)
{
    private const int MostPods = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Between two looks at a model that fetches.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(5);

    public static FetchProgressReader Create(TimeProvider time) => new(
        // Addresses are pods': no proxy stands between.
        new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = Patience, PooledConnectionLifetime = TimeSpan.FromMinutes(1) }) { MaxResponseContentBufferSize = 64 * 1024, Timeout = Timeout.InfiniteTimeSpan },
        time);

    /// <param name="pods">Pods with an address whose fetching container runs; of many the first few are asked.</param>
    /// <param name="cancellation">Ends the pass.</param>
    public async Task<IReadOnlyDictionary<string, FetchProgress>> ReadAsync(IReadOnlyCollection<V1Pod> pods, CancellationToken cancellation)
    {
        if (pods.Count == 0)
        {
            return FrozenDictionary<string, FetchProgress>.Empty;
        }

        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        var answers = await Task.WhenAll(pods.Take(MostPods).Select(pod => AskAsync(pod, either.Token)));
        cancellation.ThrowIfCancellationRequested();
        return answers.Where(answer => answer.Progress is not null).ToDictionary(answer => answer.Pod, answer => answer.Progress!, StringComparer.Ordinal);
    }

    private async Task<(string Pod, FetchProgress? Progress)> AskAsync(V1Pod pod, CancellationToken cancellation)
    {
        try
        {
            return (pod.Metadata.Name, FetchProgress.Parse(await http.GetStringAsync(new Uri(PodAddresses.Of(pod) + FetchProgress.Path), cancellation)));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or UriFormatException)
        {
            return (pod.Metadata.Name, null);
        }
    }
}
