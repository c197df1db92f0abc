using System.Net;
using System.Text.Json;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Metrics;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Kube.Queues;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Kube.Informers;

/// <summary>
/// Keeps a cache of one kind equal to the server's: list, then watch; bookmarks; a fresh list with synthesized deletions when the version is too old;
/// a watchdog for watches that die in silence; reconnects with back-off. One object that cannot be read never affects the others.
/// </summary>
public sealed class SharedInformer<T> : IObjectCache<T>
    where T : class
{
    private readonly InformerOptions<T> options;
    private readonly IObjectCodec<T> codec;
    private readonly ListWatchClient<T> client;
    private readonly ObjectCache<T> cache;
    private readonly ExponentialBackoff backoff;
    private readonly Random random;
    private readonly TimeProvider time;
    private readonly KubeMetrics? metrics;
    private readonly ILogger logger;
    private readonly TaskCompletionSource synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string version = "";
    private volatile bool streamingRefused;
    private bool needsList = true;
    private bool progressed;

    public SharedInformer(
        KubeConnection connection,
        ResourceKind resource,
        IObjectCodec<T> codec,
        InformerOptions<T> options,
        ILogger logger,
        KubeMetrics? metrics = null,
        TimeProvider? time = null,
        Random? random = null)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(options);
        Resource = resource;
        this.options = options;
        this.codec = codec;
        this.logger = logger;
        this.metrics = metrics;
        this.time = time ?? TimeProvider.System;
        this.random = random ?? Random.Shared;
        client = new ListWatchClient<T>(connection, resource, options, codec);
        cache = new ObjectCache<T>(codec, options.Trim, logger);
        backoff = new ExponentialBackoff(options.FirstReconnect, options.LongestReconnect, 1, this.random);
        cache.AddIndex(IndexNames.Owner, value => codec.Owners(value).Select(static owner => owner.Uid));
    }

    public ResourceKind Resource { get; }

    public string LatestResourceVersion => version;

    public int Count => cache.Count;

    public bool HasSynced => synced.Task.IsCompletedSuccessfully;

    /// <summary>Adds an index; objects that are there already are filed at once.</summary>
    public void AddIndex(string name, Func<T, IEnumerable<string>> values) => cache.AddIndex(name, values);

    /// <summary>Adds the index <c>label:{label}</c>.</summary>
    public void AddLabelIndex(string label) =>
        cache.AddIndex(IndexNames.LabelPrefix + label, value => codec.Label(value, label) is { } found ? [found] : []);

    /// <summary>
    /// Adds a handler, which first sees all objects of the cache as initial additions. Handlers run one after the other on the informer's loop, in the order of the changes:
    /// they enqueue and return. An exception of one is logged and affects no other.
    /// </summary>
    public IDisposable AddHandler(Action<InformerEvent<T>> handler) => cache.AddHandler(handler);

    public T? Get(ObjectKey key) => cache.Get(key);

    public IReadOnlyList<T> List() => cache.List();

    public IReadOnlyList<T> ByIndex(string index, string value) => cache.ByIndex(index, value);

    /// <summary>metadata.ownerReferences of an object of this kind.</summary>
    public IEnumerable<ObjectOwner> OwnersOf(T value) => codec.Owners(value);

    public ObjectIdentity? IdentityOf(ObjectKey key) => cache.Get(key) is { } value ? codec.Identify(value) : null;

    /// <summary>Completes when the first list is in the cache and the handlers have seen it.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellation) => synced.Task.WaitAsync(cancellation);

    /// <summary>Lists and watches until cancelled. Call it once.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using ITimer? resync = options.ResyncInterval is { } interval ? time.CreateTimer(_ => cache.Resync(), null, interval, interval) : null;
        int failures = 0;
        while (!cancellation.IsCancellationRequested)
        {
            progressed = false;
            string reason;
            Exception? error = null;
            try
            {
                reason = await RoundAsync(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (KubeApiException e) when (e.IsExpired)
            {
                reason = "expired";
                needsList = true;
            }
#pragma warning disable CA1031 // Whatever ends a watch, the answer is to connect again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                reason = "error";
                error = e;
            }

            metrics?.WatchRestart(Resource.FullName, reason);
            failures = progressed ? 0 : failures + 1;
            if (failures == 0 && error is null)
            {
                continue;
            }

            TimeSpan delay = backoff.Delay(Math.Max(0, failures - 1));
            InformerLog.Reconnecting(logger, error, Resource.FullName, reason, delay);
            try
            {
                await Task.Delay(delay, time, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private TimeSpan SpreadDuration()
    {
        lock (random)
        {
            return options.WatchDuration * (1 + random.NextDouble());
        }
    }

    /// <summary>One list where it is needed, then one watch; returns why the watch ended.</summary>
    private async Task<string> RoundAsync(CancellationToken cancellation)
    {
        if (needsList && options.StreamingList && !streamingRefused)
        {
            try
            {
                using var listing = new Watchdog(options.StreamingListPatience, time, cancellation);
                using WatchStream stream = await client.StreamListAsync(SpreadDuration(), listing.Token).ConfigureAwait(false);
                return await FollowAsync(stream, listing, new ListPass<T>(cache, codec)).ConfigureAwait(false);
            }
            catch (Exception e) when (needsList && IsRefusal(e, cancellation))
            {
                streamingRefused = true;
                InformerLog.StreamingRefused(logger, Resource.FullName, e.Message);
            }
        }

        if (needsList)
        {
            await ListAsync(cancellation).ConfigureAwait(false);
        }

        using var watching = new Watchdog(options.IdleTimeout, time, cancellation);
        using WatchStream watch = await client.WatchAsync(version, SpreadDuration(), watching.Token).ConfigureAwait(false);
        return await FollowAsync(watch, watching, null).ConfigureAwait(false);
    }

    // Servers without streaming lists refuse the parameters; some ignore them and then never send the closing bookmark.
    private static bool IsRefusal(Exception e, CancellationToken cancellation) => e switch
    {
        KubeApiException api => api.Status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.Forbidden or HttpStatusCode.NotImplemented,
        TimeoutException => true,
        OperationCanceledException => !cancellation.IsCancellationRequested,
        _ => false,
    };

    private async Task ListAsync(CancellationToken cancellation)
    {
        var pass = new ListPass<T>(cache, codec);
        string token = "";
        do
        {
            using var watchdog = new Watchdog(options.IdleTimeout, time, cancellation);
            ListPage<T> page = await client.ListPageAsync(token, watchdog.Token).ConfigureAwait(false);
            foreach (T item in page.Items)
            {
                pass.Add(item);
            }

            foreach ((ObjectKey key, Exception error) in page.Malformed)
            {
                pass.Keep(key);
                Report(key, error);
            }

            token = page.Continue;
            if (token.Length == 0)
            {
                CompleteList(pass, page.ResourceVersion);
            }
        }
        while (token.Length > 0);
    }

    private void CompleteList(ListPass<T> pass, string listVersion)
    {
        pass.Complete();
        version = listVersion;
        needsList = false;
        metrics?.CacheObjects(Resource.FullName, cache.Count);
        if (synced.TrySetResult())
        {
            InformerLog.Synced(logger, Resource.FullName, cache.Count);
        }
    }

    private async Task<string> FollowAsync(WatchStream stream, Watchdog watchdog, ListPass<T>? pass)
    {
        try
        {
            ListPass<T>? listing = pass;
            void OnLine(ReadOnlySpan<byte> line)
            {
                WatchEvent<T> read = WatchEvent<T>.Read(line, codec);
                if (listing is null)
                {
                    progressed = true;
                    Apply(read);
                }
                else if (ApplyToList(listing, read))
                {
                    listing = null;
                    progressed = true;
                    watchdog.Limit = options.IdleTimeout;
                }
            }

            while (await stream.ReadLinesAsync(OnLine, watchdog.Token).ConfigureAwait(false))
            {
                watchdog.Reset();
            }

            return "closed";
        }
        catch (OperationCanceledException) when (watchdog.HasBarked)
        {
            return needsList ? throw new TimeoutException($"The streaming list of {Resource.FullName} brought nothing for {watchdog.Limit}.") : "idle";
        }
    }

    /// <summary>True when the event closes the list.</summary>
    private bool ApplyToList(ListPass<T> pass, WatchEvent<T> read)
    {
        if (read.Type == WatchEventType.Bookmark)
        {
            if (read.EndsInitialEvents)
            {
                CompleteList(pass, read.Identity.ResourceVersion);
            }

            return read.EndsInitialEvents;
        }

        if (read.Error is not null)
        {
            pass.Keep(read.Identity.Key);
            Report(read.Identity.Key, read.Error);
        }
        else if (read.Type == WatchEventType.Deleted)
        {
            pass.Remove(read.Identity.Key);
        }
        else
        {
            pass.Add(read.Object!);
        }

        return false;
    }

    private void Apply(WatchEvent<T> read)
    {
        metrics?.WatchEvent(Resource.FullName, TypeLabel(read.Type));
        if (read.Type == WatchEventType.Deleted)
        {
            // What a deleted object looked like does not matter, so that an unreadable one can still leave the cache.
            cache.Delete(read.Identity.Key, read.Object);
        }
        else if (read.Error is not null)
        {
            Report(read.Identity.Key, read.Error);
        }
        else if (read.Object is { } value)
        {
            cache.Upsert(value, isInitial: false);
        }

        if (read.Identity.ResourceVersion.Length > 0)
        {
            version = read.Identity.ResourceVersion;
        }

        if (read.Type is WatchEventType.Added or WatchEventType.Deleted)
        {
            metrics?.CacheObjects(Resource.FullName, cache.Count);
        }
    }

    private void Report(ObjectKey key, Exception error)
    {
        metrics?.Malformed(Resource.FullName);
        InformerLog.Malformed(logger, Resource.FullName, key.ToString(), error is JsonException ? error.Message : error.ToString());
        try
        {
            options.OnMalformed?.Invoke(new MalformedObject(Resource, key, error));
        }
#pragma warning disable CA1031 // The callback's error must not end the watch.
        catch (Exception e)
#pragma warning restore CA1031
        {
            InformerLog.HandlerFailed(logger, e, Resource.FullName, key.ToString());
        }
    }

    private static string TypeLabel(WatchEventType type) => type switch
    {
        WatchEventType.Added => "added",
        WatchEventType.Modified => "modified",
        WatchEventType.Deleted => "deleted",
        WatchEventType.Bookmark => "bookmark",
        _ => "error",
    };
}
