using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;
using AttentionOperator.Sandbox.Storage;
using AttentionOperator.Sandbox.Tables;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Streams changes: initial events where asked for, then live ones, with bookmarks, until the time-out.</summary>
internal sealed class WatchHandler(ApiServices services)
{
    public async Task HandleAsync(HttpContext context, ResourceDefinition resource, string? ns, Selectors selectors)
    {
        var query = context.Request.Query;
        var since = ResourceReader.ParseVersion(query["resourceVersion"]);
        var sendInitial = query["sendInitialEvents"] == "true";
        CheckOptions(query, sendInitial);
        var bookmarks = query["allowWatchBookmarks"] is var allowed && (allowed == "true" || allowed == "1");
        var store = services.Context.Store;
        if (since > store.Version) throw ApiErrors.TimeoutLargeVersion(since.Value, store.Version);
        var fromStart = sendInitial || since is null or 0;
        if (query["sendInitialEvents"] == "false" && since is null or 0) fromStart = false;

        var start = store.Watch(resource.StorageKey, fromStart ? null : since);
        var filter = new WatchFilter(resource, ns, selectors, TableRequest.Wants(context, out var include) ? include : null, TableRequest.WantsMetadataOnly(context), services.Context.Clock);
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-cache, private";
        if (start is null)
        {
            // As the API server does: the stream opens and its only event says that the version is gone.
            var error = ApiErrors.Expired($"too old resource version: {since} ({store.CompactedVersion(resource.StorageKey)})").ToStatus();
            await WriteAsync(context, WatchFilter.Line("ERROR", JsonFormat.ToUtf8(error))).ConfigureAwait(false);
            return;
        }

        try
        {
            await StreamAsync(context, resource, start, filter, fromStart, sendInitial, bookmarks).ConfigureAwait(false);
        }
        finally
        {
            store.Unwatch(resource.StorageKey, start.Subscription);
        }
    }

    private async Task StreamAsync(HttpContext context, ResourceDefinition resource, WatchStart start, WatchFilter filter, bool fromStart, bool sendInitial, bool bookmarks)
    {
        // Headers leave at once, so that a client knows that its watch stands before anything happens.
        await context.Response.StartAsync(context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        if (fromStart)
        {
            foreach (var existing in start.Snapshot.Objects(filter.Namespace))
            {
                if (filter.Initial(existing) is { } line) await context.Response.Body.WriteAsync(line, context.RequestAborted).ConfigureAwait(false);
            }

            if (sendInitial && bookmarks) await context.Response.Body.WriteAsync(filter.Bookmark(start.Version, initialEventsEnd: true), context.RequestAborted).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }

        var clock = services.Context.Clock;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, services.Stopping.Token);
        using var timeout = new CancellationTokenSource(TimeoutOf(context), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, timeout.Token);
        var reader = start.Subscription.Records;
        var nextBookmark = clock.GetTimestamp();
        var sent = start.Version;
        try
        {
            while (true)
            {
                var waiting = reader.WaitToReadAsync(either.Token).AsTask();
                // Once cancelled, only the wait below is left: a round of this loop would not yield, and the wait needs a thread to end on.
                while (bookmarks && !waiting.IsCompleted && !either.IsCancellationRequested)
                {
                    var left = services.Options.BookmarkInterval - clock.GetElapsedTime(nextBookmark);
                    using var pause = CancellationTokenSource.CreateLinkedTokenSource(either.Token);
                    var tick = Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1), clock, pause.Token);
                    if (await Task.WhenAny(waiting, tick).ConfigureAwait(false) == tick && tick.IsCompletedSuccessfully)
                    {
                        sent = await SendBookmarkAsync(context, start.Subscription, filter, sent).ConfigureAwait(false);
                        nextBookmark = clock.GetTimestamp();
                    }

                    await pause.CancelAsync().ConfigureAwait(false);
                }

                if (!await waiting.ConfigureAwait(false)) return;
                while (reader.TryRead(out var record))
                {
                    if (record.Version <= start.Version && fromStart) continue;
                    if (filter.Change(record) is { } line) await context.Response.Body.WriteAsync(line, either.Token).ConfigureAwait(false);
                }

                await context.Response.Body.FlushAsync(either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ended.IsCancellationRequested)
        {
            if (bookmarks) await SendBookmarkAsync(context, start.Subscription, filter, sent).ConfigureAwait(false);
        }

        _ = resource;
    }

    private async Task<long> SendBookmarkAsync(HttpContext context, WatchSubscription subscription, WatchFilter filter, long sent)
    {
        if (services.Context.Store.ProgressOf(subscription) is not { } version) return sent;
        await context.Response.Body.WriteAsync(filter.Bookmark(version, initialEventsEnd: false), context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        return version;
    }

    private static TimeSpan TimeoutOf(HttpContext context)
    {
        if (int.TryParse(context.Request.Query["timeoutSeconds"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0) return TimeSpan.FromSeconds(seconds);
#pragma warning disable CA5394 // Spreads reconnects; nothing secret.
        return TimeSpan.FromSeconds(1800 + Random.Shared.Next(1800));
#pragma warning restore CA5394
    }

    private static void CheckOptions(IQueryCollection query, bool sendInitial)
    {
        var match = query["resourceVersionMatch"].ToString();
        if (sendInitial && match != "NotOlderThan")
            throw ResourceReader.InvalidListOption("resourceVersionMatch", "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        if (query["sendInitialEvents"].Count == 0 && match.Length > 0)
            throw ResourceReader.InvalidListOption("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
    }

    private static async Task WriteAsync(HttpContext context, byte[] line)
    {
        await context.Response.Body.WriteAsync(line, context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
