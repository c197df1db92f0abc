using System.Net.Http.Headers;
using System.Text.Json;
using System.Threading.Channels;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Reconciliation;
using AttentionOperator.Rollouts;

namespace AttentionOperator.Notifications;

/// <summary>
/// Posts what rollouts decide to a webhook, as CloudEvents. It never keeps a decision waiting: what the receiver does not take in time is tried three times, and
/// what piles up is dropped from the old end.
/// </summary>
internal sealed class RolloutNotifier(Uri? webhook, HttpClient http, TimeProvider time, ILogger<RolloutNotifier> logger)
{
    private const int Attempts = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly Channel<CloudEvent> waiting = Channel.CreateBounded<CloudEvent>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public void Notify(KubeObject model, AttentionModelStatus? status, PlannedEvent note)
    {
        if (webhook is null || !Enum.TryParse<RolloutReason>(note.Reason, out _))
        {
            return;
        }

        waiting.Writer.TryWrite(new CloudEvent
        {
            Id = $"{model.Uid}/{model.ResourceVersion}/{note.Reason}",
            Source = $"/apis/{ApiNames.ApiVersion}/namespaces/{model.Key.Namespace}/{ApiNames.Plural}/{model.Key.Name}",
            Type = $"io.attentionoperator.rollout.{note.Reason}",
            Subject = model.Key.Name,
            Time = time.GetUtcNow(),
            Data = new RolloutNotice
            {
                Namespace = model.Key.Namespace,
                Name = model.Key.Name,
                Severity = note.Type.ToString(),
                Reason = note.Reason,
                Message = note.Message,
                StableRevision = status?.StableRevision,
                TargetRevision = status?.TargetRevision,
                Weight = status?.Rollout?.Weight,
                Rejected = status?.Rejected,
                Objectives = status?.Rollout?.Evidence?.Objectives,
            },
        });
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var notice in waiting.Reader.ReadAllAsync(cancellation))
            {
                await SendAsync(notice, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The usual end.
        }
    }

    private async Task SendAsync(CloudEvent notice, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(notice, KubeJson.Options);
        for (var attempt = 1; ; attempt++)
        {
            using var patience = new CancellationTokenSource(Patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
            try
            {
                using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/cloudevents+json") } };
                using var response = await http.PostAsync(webhook, content, either.Token);
                response.EnsureSuccessStatusCode();
                return;
            }
            catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                if (attempt == Attempts)
                {
                    NotificationLog.Dropped(logger, notice.Type, notice.Subject, e.Message);
                    return;
                }
            }

            await Task.Delay(Pause, time, cancellation);
        }
    }
}
