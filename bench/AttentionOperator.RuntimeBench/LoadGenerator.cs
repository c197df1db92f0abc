using System.Collections.Concurrent;
using System.Diagnostics;

namespace AttentionOperator.RuntimeBench;

/// <summary>Sends the mixed load.</summary>
internal sealed class LoadGenerator(HttpClient generator, HttpClient embedder, Workload workload)
{
    private const int GenerationWorkers = 16;
    private const int EmbeddingWorkers = 8;

    private const int LeastAnswers = 50;

    /// <summary>One document on so many chats and itself.</summary>
    private const int DocumentEvery = 5;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    /// <summary>Answers per second and kind where every client sends again as soon as it has its answer: the capacity of the mix.</summary>
    public async Task<IReadOnlyDictionary<RequestKind, double>> CapacityAsync(TimeSpan time, CancellationToken cancellation)
    {
        var statistics = new LoadStatistics();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var start = Stopwatch.GetTimestamp();
        async Task WorkAsync(int number, bool generates)
        {
            while (!end.IsCancellationRequested)
            {
                // The mix is that of the requests, not of the workers: whoever waits for a document sends no chat.
                var kind = !generates ? RequestKind.Embedding : number++ % DocumentEvery == 0 ? RequestKind.Document : RequestKind.Chat;
                try
                {
                    // All in one class: nobody waits for anybody here.
                    statistics.Add(kind, await SendAsync(workload.Next(kind) with { Priority = "standard" }, end.Token), false);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }

        var workers = new List<Task>();
        for (var i = 0; i < GenerationWorkers; i++) workers.Add(WorkAsync(i, generates: true));
        for (var i = 0; i < EmbeddingWorkers; i++) workers.Add(WorkAsync(i, generates: false));
        // On a busy machine the given time may be too short to have answered anything.
        do await Task.Delay(time, cancellation);
        while (statistics.Answered < LeastAnswers || statistics.Count(RequestKind.Document, a => a.Answered) == 0);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        // Long requests end late; the shares are those that were sent.
        var generated = (statistics.Count(RequestKind.Chat, a => a.Answered) + statistics.Count(RequestKind.Document, a => a.Answered)) / seconds;
        var rates = new Dictionary<RequestKind, double>
        {
            [RequestKind.Chat] = generated * (DocumentEvery - 1) / DocumentEvery,
            [RequestKind.Document] = generated / DocumentEvery,
            [RequestKind.Embedding] = statistics.Count(RequestKind.Embedding, a => a.Answered) / seconds,
        };
        await end.CancelAsync();
        await Task.WhenAll(workers);
        return rates;
    }

    /// <summary>Requests come at the given rates, whatever happens to those before; who is refused comes back when it was told, until the end.</summary>
    public async Task<LoadStatistics> OpenAsync(IReadOnlyDictionary<RequestKind, double> perSecond, TimeSpan time, int seed, CancellationToken cancellation)
    {
        var statistics = new LoadStatistics();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var random = new Random(seed);
        var clients = new ConcurrentDictionary<Task, bool>();
        var next = perSecond.Where(p => p.Value > 0).ToDictionary(p => p.Key, p => Gap(p.Value));
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) is var now && now < time)
        {
            foreach (var kind in next.Keys.ToList())
            {
                while (next[kind] <= now.TotalSeconds)
                {
                    var client = Task.Run(() => ClientAsync(workload.Next(kind), statistics, end.Token), CancellationToken.None);
                    clients[client] = true;
                    _ = client.ContinueWith(done => clients.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                    next[kind] += Gap(perSecond[kind]);
                }
            }

            await Task.Delay(Tick, cancellation);
        }

        await end.CancelAsync();
        await Task.WhenAll(clients.Keys);
        return statistics;

        // Poisson arrivals.
        double Gap(double rate) => -Math.Log(1 - random.NextDouble()) / rate;
    }

    private async Task ClientAsync(WorkItem item, LoadStatistics statistics, CancellationToken end)
    {
        try
        {
            for (var isReturn = false; ; isReturn = true)
            {
                var attempt = await SendAsync(item, end);
                statistics.Add(item.Kind, attempt, isReturn);
                if (attempt.RetryAfter is not { } wait) return;
                await Task.Delay(wait, end);
            }
        }
        catch (OperationCanceledException)
        {
            // The load is over; what was on its way counts for nothing.
        }
    }

    private Task<Attempt> SendAsync(WorkItem item, CancellationToken cancellation) => Attempt.SendAsync(item.Kind == RequestKind.Embedding ? embedder : generator, item, cancellation);
}
