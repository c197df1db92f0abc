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
/// Posts what rollouts decide to a webhook, as CloudEvents, and asks for retraining where quality condemned a revision. It never keeps a decision waiting: what the receiver does not take in time is tried three times, and
/// what piles up is dropped from the old end.
/// </summary>
internal sealed class RolloutNotifier(NotificationTargets targets, HttpClient http, TimeProvider time, ILogger<RolloutNotifier> logger)
{
    private const int Attempts = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly Channel<(Uri Target, CloudEvent Event)> waiting = Channel.CreateBounded<(Uri Target, CloudEvent Event)>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <param name="cached">The model as it was read.</param>
    /// <param name="model">The same.</param>
    /// <param name="status">Its status from now on.</param>
    /// <param name="note">What was decided.</param>
    public void Notify(KubeObject cached, AttentionModel model, AttentionModelStatus? status, PlannedEvent note)
    {
        if (!Enum.TryParse<RolloutReason>(note.Reason, out _))
        {
            return;
        }

        if (targets.Webhook is { } webhook)
        {
            waiting.Writer.TryWrite((webhook, Event(cached, model, status, note, $"io.attentionoperator.rollout.{note.Reason}")));
        }

        if (targets.Retrain is { } retrain && RetrainCause.Of(model, status, note))
        {
            waiting.Writer.TryWrite((retrain, Event(cached, model, status, note, "io.attentionoperator.retrain.requested")));
        }
    }

    private CloudEvent Event(KubeObject cached, AttentionModel model, AttentionModelStatus? status, PlannedEvent note, string type) =>
        new()
        {
            Id = $"{cached.Uid}/{cached.ResourceVersion}/{note.Reason}",
            Source = $"/apis/{ApiNames.ApiVersion}/namespaces/{cached.Key.Namespace}/{ApiNames.Plural}/{cached.Key.Name}",
            Type = type,
            Subject = cached.Key.Name,
            Time = time.GetUtcNow(),
            Data = new RolloutNotice
            {
                Namespace = cached.Key.Namespace,
                Name = cached.Key.Name,
                ModelUri = model.Spec?.Model?.Uri,
                Severity = note.Type.ToString(),
                Reason = note.Reason,
                Message = note.Message,
                StableRevision = status?.StableRevision,
                TargetRevision = status?.TargetRevision,
                Weight = status?.Rollout?.Weight,
                Rejected = status?.Rejected,
                Objectives = status?.Rollout?.Evidence?.Objectives,
                Evaluation = status?.Rollout?.Evaluation,
            },
        };

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var notice in waiting.Reader.ReadAllAsync(cancellation))
            {
                await SendAsync(notice.Target, notice.Event, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The usual end.
        }
    }

    private async Task SendAsync(Uri target, CloudEvent notice, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(notice, KubeJson.Options);
        for (var attempt = 1; ; attempt++)
        {
            using var patience = new CancellationTokenSource(Patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
            try
            {
                using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/cloudevents+json") } };
                using var response = await http.PostAsync(target, content, either.Token);
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
