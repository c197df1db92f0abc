using System.Collections.Concurrent;
using System.Text.Json;
using AttentionOperator.Gateway.Metrics;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.TokenCounting;

/// <summary>
/// Whether the runtimes of a model use the same tokenizer as the gateway. Each revision is asked once (<c>GET /v1/models</c>, by fingerprint); until it has
/// answered, and for ever where it says something else, its tokens are not counted here.
/// </summary>
internal sealed partial class TokenizerAgreement(HttpMessageInvoker client, GatewayMetrics metrics, TimeProvider time, ILogger<TokenizerAgreement> logger)
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<(ObjectKey Model, string Revision), Answer> _answers = new();

    /// <summary>A revision's tokenizer was compared with the gateway's; null = they agree, else what differs.</summary>
    public event Action<ObjectKey, string?>? Compared;

    /// <summary>True when every revision that may serve the request is known to use this tokenizer.</summary>
    public bool Holds(ModelRoute route, string fingerprint)
    {
        var holds = false;
        foreach (var revision in route.Revisions)
        {
            if (!revision.HasEndpoints) continue;
            var answer = _answers.GetValueOrDefault((route.Key, revision.Revision));
            if (answer.Fingerprint is null && answer.AskAgainAt <= time.GetUtcNow()) Ask(route.Key, revision);
            if (answer.Fingerprint is { } other && other != fingerprint) Compared?.Invoke(route.Key, $"Revision {revision.Revision} uses the tokenizer {other}, the gateway has {fingerprint}: tokens are bounded by bytes. Give the gateway the model's tokenizer.");
            if (answer.Fingerprint != fingerprint) return false;
            holds = true;
        }

        if (holds) Compared?.Invoke(route.Key, null);
        return holds;
    }

    private void Ask(ObjectKey model, RevisionRoute revision)
    {
        _answers[(model, revision.Revision)] = new Answer(null, time.GetUtcNow() + AskAgainAfter);
        _ = AskAsync(model, revision.Revision, revision.Endpoints[0]);
    }

    private async Task AskAsync(ObjectKey model, string revision, RuntimeEndpoint endpoint)
    {
        try
        {
            using var limit = new CancellationTokenSource(Patience, time);
            using var request = new HttpRequestMessage(HttpMethod.Get, endpoint.Prefix + "/v1/models");
            using var response = await client.SendAsync(request, limit.Token);
            response.EnsureSuccessStatusCode();
            using var document = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(limit.Token), default, limit.Token);
            var fingerprint = document.RootElement.GetProperty("data")[0].GetProperty("attention").GetProperty("tokenizer_fingerprint").GetString();
            _answers[(model, revision)] = new Answer(fingerprint, default);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            LogUnknown(logger, model.ToString(), revision, e.Message);
            metrics.TokenizerChecks.WithLabels("Unknown").Inc();
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The tokenizer of {Model}, revision {Revision} is not known; its tokens are bounded by bytes: {Problem}")]
    private static partial void LogUnknown(ILogger logger, string model, string revision, string problem);

    private readonly record struct Answer(string? Fingerprint, DateTimeOffset AskAgainAt);
}
