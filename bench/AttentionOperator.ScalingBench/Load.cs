using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;

namespace AttentionOperator.ScalingBench;

/// <summary>Clients that each send one streamed completion after the other. An answer counts as failed unless it is 200 and whole.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentBag<string> failures = [];
    private readonly Task clients;
    private int answered;

    public Load(HttpClient gateway, string model, int clients, int tokens) =>
        this.clients = Task.WhenAll(Enumerable.Range(0, clients).Select(_ => RunAsync(gateway, model, tokens)));

    public int Answered => Volatile.Read(ref answered);

    public IReadOnlyCollection<string> Failures => failures;

    /// <summary>Lets the last requests end.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await clients;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
    }

    /// <summary>One streamed completion; null where it was whole, else what was wrong with it.</summary>
    public static async Task<string?> AskAsync(HttpClient gateway, string model, int tokens, Action? firstToken = null)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
            {
                Content = JsonContent.Create(new { model, prompt = "It is a truth universally acknowledged, that", max_tokens = tokens, temperature = 0, ignore_eos = true, stream = true }),
            };
            using var response = await gateway.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
            }

            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            var last = "";
            while (await reader.ReadLineAsync() is { } line)
            {
                if (line.Contains("\"error\"", StringComparison.Ordinal))
                {
                    return line;
                }

                if (line.StartsWith("data: {", StringComparison.Ordinal))
                {
                    firstToken?.Invoke();
                    firstToken = null;
                }

                last = line.Length > 0 ? line : last;
            }

            return last == "data: [DONE]" ? null : $"the stream ended with '{last}'";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return e.Message;
        }
    }

    private async Task RunAsync(HttpClient gateway, string model, int tokens)
    {
        while (!stop.IsCancellationRequested)
        {
            if (await AskAsync(gateway, model, tokens) is { } failure)
            {
                failures.Add(failure);
            }

            Interlocked.Increment(ref answered);
        }
    }
}
