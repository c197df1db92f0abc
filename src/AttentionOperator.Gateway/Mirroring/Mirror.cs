using System.Collections.Concurrent;
using System.Net;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Balancing;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Metrics;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Gateway.Slis;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Mirroring;

/// <summary>
/// Copies a share of a model's requests to a revision (<c>spec.traffic.mirror</c>). Nobody waits for the copies and their answers are discarded, but the revision's
/// counters get them. A copy only takes room that nobody else needs: without a free slot it is dropped.
/// </summary>
internal sealed partial class Mirror(UpstreamRequests requests, QueueRegistry queues, SliRegistry slis, GatewayMetrics metrics, TimeProvider time, ILogger<Mirror> logger)
{
    private const int MostAtOnce = 64;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<ObjectKey, (int Percent, WeightedSequence Sequence)> _turns = new();
    private int _running;

    /// <summary>Copies the request, where it is its turn. Returns at once.</summary>
    public void Offer(Exchange exchange)
    {
        var route = exchange.Route;
        if (route.Spec.Traffic?.Mirror is not { } mirror || exchange.Ticket.AskedRevision is not null) return;
        var name = mirror.Revision == "canary" ? route.InRollout : mirror.Revision;
        if (name is null || route.Find(name) is not { HasEndpoints: true } revision || !IsTurn(route.Key, mirror)) return;
        if (Volatile.Read(ref _running) >= MostAtOnce || EndpointPicker.Pick(revision.Endpoints, [], route.SlotsPerEndpoint, exchange.Ticket.Prefix, exchange.Ticket.Tokens, time.GetUtcNow()) is not { } endpoint)
        {
            metrics.Mirrored.WithLabels("Dropped").Inc();
            return;
        }

        var copy = new Exchange
        {
            Context = exchange.Context,
            Route = route,
            Facts = exchange.Facts,
            Body = exchange.Body.ToArray(), // the client's buffer is gone when its own answer is
            Ticket = new QueueTicket { Class = RequestClass.Batch, Tokens = exchange.Ticket.Tokens },
            StartedAt = time.GetTimestamp(),
        };
        _ = RunAsync(copy, revision, endpoint);
    }

    private bool IsTurn(ObjectKey model, MirrorSpec mirror)
    {
        var turn = _turns.GetValueOrDefault(model);
        if (turn.Sequence is null || turn.Percent != mirror.Percent) _turns[model] = turn = (mirror.Percent, new WeightedSequence([mirror.Percent, 100 - mirror.Percent]));
        return turn.Sequence.Next() == 0;
    }

    private async Task RunAsync(Exchange copy, RevisionRoute revision, RuntimeEndpoint endpoint)
    {
        Interlocked.Increment(ref _running);
        endpoint.Begin(copy.Ticket.Tokens);
        var counters = slis.For(copy.Route.Key);
        counters.Revision(revision.Revision).Begin();
        RequestOutcome? outcome = null;
        using var limit = new CancellationTokenSource(Longest, time);
        try
        {
            // The request is made before the first wait, while the client's context is certainly alive.
            using var response = await requests.SendAsync(copy, endpoint, copy.Body, null, limit.Token);
            outcome = await ReadAsync(copy, response, limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            outcome = new RequestOutcome(Failed: true, time.GetElapsedTime(copy.StartedAt));
        }
        catch (Exception e)
        {
            LogDefect(logger, copy.Route.Key.ToString(), e);
        }
        finally
        {
            metrics.Mirrored.WithLabels(outcome switch { null => "Refused", { Failed: true } => "Failed", _ => "Answered" }).Inc();
            counters.Revision(revision.Revision).End(outcome);
            endpoint.End(copy.Ticket.Tokens);
            Interlocked.Decrement(ref _running);
            queues.For(copy.Route.Key).Released();
        }
    }

    private async Task<RequestOutcome?> ReadAsync(Exchange copy, HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable || (int)response.StatusCode is >= 400 and < 500) return null;
        using var upstream = await response.Content.ReadAsStreamAsync(cancellation);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            using var whole = new MemoryStream();
            await upstream.CopyToAsync(whole, cancellation);
            var usage = TokenUsage.Find(whole.GetBuffer().AsSpan(0, (int)whole.Length)) ?? default;
            return new RequestOutcome((int)response.StatusCode >= 500, time.GetElapsedTime(copy.StartedAt), InputTokens: usage.Input, OutputTokens: usage.Output);
        }

        var answer = new AnswerStream(clientWantsUsage: true, canAskUsage: true);
        TimeSpan? first = null;
        using var reader = new SseEventReader(upstream);
        while (await reader.FillAsync(cancellation))
        {
            while (reader.TryTake(out var sse))
            {
                answer.Take(sse, out var kind, out _);
                if (answer.Chunks > 0) first ??= time.GetElapsedTime(copy.StartedAt);
                if (kind is StreamChunkKind.Done or StreamChunkKind.Error)
                {
                    return new RequestOutcome(kind == StreamChunkKind.Error, time.GetElapsedTime(copy.StartedAt), first, answer.Usage?.Input ?? 0, answer.Usage?.Output ?? answer.Chunks);
                }
            }
        }

        return new RequestOutcome(Failed: true, time.GetElapsedTime(copy.StartedAt), first);
    }

    [LoggerMessage(1, LogLevel.Error, "A mirrored request of {Model} failed by a defect")]
    private static partial void LogDefect(ILogger logger, string model, Exception e);
}
