using System.Threading.Channels;
using AttentionOperator.Kube.Objects;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Sandbox.Controllers;

/// <summary>Writes core/v1 events in the background; the same event about the same object is counted up instead of written again.</summary>
internal sealed class EventRecorder(ClusterWriter writer, TimeProvider time, ILogger logger)
{
    private const int Capacity = 4096;
    private const int RememberedEvents = 4096;
    private const int MaximumMessageLength = 1024;

    private readonly Channel<(V1ObjectReference About, string Type, string Reason, string Message, string Component)> _events =
        Channel.CreateBounded<(V1ObjectReference, string, string, string, string)>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Dictionary<string, (Corev1Event Event, int Count)> _seen = new(StringComparer.Ordinal);
    private long _sequence;

    public void Record<T>(T about, string type, string reason, string message, string component, string? fieldPath = null)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        var reference = new V1ObjectReference
        {
            ApiVersion = kind.ApiVersion,
            Kind = kind.Kind,
            Name = about.Metadata.Name,
            NamespaceProperty = about.Metadata.NamespaceProperty,
            Uid = about.Metadata.Uid,
            ResourceVersion = about.Metadata.ResourceVersion,
            FieldPath = fieldPath,
        };
        _events.Writer.TryWrite((reference, type, reason, message.Length > MaximumMessageLength ? message[..MaximumMessageLength] : message, component));
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var (about, type, reason, message, component) in _events.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                try
                {
                    await WriteAsync(about, type, reason, message, component, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    ClusterLog.EventFailed(logger, exception, reason, about.Name);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The Sandbox stops.
        }
    }

    private async Task WriteAsync(V1ObjectReference about, string type, string reason, string message, string component, CancellationToken cancellationToken)
    {
        var key = $"{about.Uid}|{about.FieldPath}|{type}|{reason}|{message}";
        var now = time.GetUtcNow().UtcDateTime;
        if (_seen.TryGetValue(key, out var seen))
        {
            var count = seen.Count + 1;
            if (await writer.PatchAsync(seen.Event, new { count, lastTimestamp = now }, null, cancellationToken).ConfigureAwait(false) is not null)
            {
                _seen[key] = (seen.Event, count);
                return;
            }
        }

        var created = new Corev1Event
        {
            Metadata = new V1ObjectMeta
            {
                Name = $"{about.Name}.{now.Ticks + Interlocked.Increment(ref _sequence):x}",
                NamespaceProperty = about.NamespaceProperty ?? "default",
            },
            InvolvedObject = about,
            Type = type,
            Reason = reason,
            Message = message,
            Count = 1,
            FirstTimestamp = now,
            LastTimestamp = now,
            Source = new V1EventSource { Component = component },
            ReportingComponent = component,
            ReportingInstance = string.Empty,
        };
        await writer.CreateAsync(created, cancellationToken).ConfigureAwait(false);
        if (_seen.Count >= RememberedEvents)
        {
            _seen.Clear();
        }

        _seen[key] = (created, 1);
    }
}
