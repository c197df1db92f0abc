using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Kube.Events;

/// <summary>
/// Sends core/v1 events, the form whose counts and times <c>kubectl describe</c> shows. Recording never waits and never fails; <see cref="RunAsync"/> does the sending.
/// </summary>
public sealed class EventRecorder
{
    private static readonly ResourceKind Events = new("", "v1", "events", "Event");
    private readonly KubeApi api;
    private readonly EventOptions options;
    private readonly ILogger logger;
    private readonly EventAggregator aggregator;
    private readonly Channel<EventNote> notes;
    private long dropped;

    public EventRecorder(KubeApi api, EventOptions options, ILogger<EventRecorder> logger, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.api = api;
        this.options = options;
        this.logger = logger;
        aggregator = new EventAggregator(options, time ?? TimeProvider.System);
        notes = Channel.CreateBounded<EventNote>(
            new BoundedChannelOptions(options.QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite },
            _ => Interlocked.Increment(ref dropped));
    }

    /// <summary>Notes that were dropped because too many waited.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    public void Record(EventNote note)
    {
        ArgumentNullException.ThrowIfNull(note);
        notes.Writer.TryWrite(note);
    }

    /// <summary>Sends events until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (EventNote note in notes.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                await SendAsync(note, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The end.
        }
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string NamespaceOf(EventNote note) => note.Object.Key.Namespace is { Length: > 0 } ns ? ns : "default";

    private async Task SendAsync(EventNote note, CancellationToken cancellation)
    {
        EventDecision decision = aggregator.Decide(note);
        if (decision.Series is not { } series)
        {
            return;
        }

        try
        {
            if (decision.Kind == EventDecisionKind.Create || !await RepeatAsync(series, cancellation).ConfigureAwait(false))
            {
                await api.CreateOnceAsync(Events, NamespaceOf(note), JsonSerializer.SerializeToUtf8Bytes(Describe(series)), cancellation).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // An event that cannot be sent must not matter.
        catch (Exception e) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            EventLog.Failed(logger, e, note.Reason, note.Object.Key.ToString());
        }
    }

    /// <summary>False where the event is gone: events live an hour by default.</summary>
    private async Task<bool> RepeatAsync(EventSeries series, CancellationToken cancellation)
    {
        var patch = new JsonObject { ["count"] = series.Count, ["lastTimestamp"] = Time(series.Last), ["message"] = series.Message };
        try
        {
            await api.MergePatchAsync(Events, new ObjectKey(NamespaceOf(series.Note), series.Name), JsonSerializer.SerializeToUtf8Bytes(patch), null, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (KubeApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    private JsonObject Describe(EventSeries series) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Event",
        ["metadata"] = new JsonObject { ["name"] = series.Name, ["namespace"] = NamespaceOf(series.Note) },
        ["involvedObject"] = new JsonObject
        {
            ["apiVersion"] = series.Note.Regarding.ApiVersion,
            ["kind"] = series.Note.Regarding.Kind,
            ["namespace"] = series.Note.Object.Key.Namespace is { Length: > 0 } ns ? ns : null,
            ["name"] = series.Note.Object.Key.Name,
            ["uid"] = series.Note.Object.Uid,
            ["resourceVersion"] = series.Note.Object.ResourceVersion,
        },
        ["type"] = series.Note.Kind.ToString(),
        ["reason"] = series.Note.Reason,
        ["action"] = series.Note.Action,
        ["message"] = series.Message,
        ["count"] = series.Count,
        ["firstTimestamp"] = Time(series.First),
        ["lastTimestamp"] = Time(series.Last),
        ["source"] = new JsonObject { ["component"] = options.Component },
        ["reportingComponent"] = options.Component,
        ["reportingInstance"] = options.Instance,
    };
}
