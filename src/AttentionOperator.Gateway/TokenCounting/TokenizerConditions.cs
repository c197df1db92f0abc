using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.TokenCounting;

/// <summary>
/// Publishes on a model whether its runtimes have the gateway's tokenizer (condition <c>TokenizersAgree</c>), as one field manager of its own beside the operator's. A
/// request only leaves a note here; writing happens in the background, when something changed.
/// </summary>
internal sealed partial class TokenizerConditions(KubeApi api, Func<ObjectKey, AttentionModel?> models, TimeProvider time, ILogger<TokenizerConditions> logger) : BackgroundService
{
    public const string Type = "TokenizersAgree";
    private const string Manager = "attention-gateway";
    private static readonly ResourceKind Models = new(ApiNames.Group, ApiNames.Version, ApiNames.Plural, ApiNames.Kind);
    private readonly ConcurrentDictionary<ObjectKey, string> _reported = new();
    private readonly Channel<(ObjectKey Model, string Problem)> _changes = Channel.CreateBounded<(ObjectKey, string)>(new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <param name="model">The model.</param>
    /// <param name="problem">What differs; null = nothing.</param>
    public void Report(ObjectKey model, string? problem)
    {
        var said = problem ?? "";
        if (_reported.TryGetValue(model, out var before) && before == said) return;
        _reported[model] = said;
        _changes.Writer.TryWrite((model, said));
    }

    /// <summary>The condition as it is applied.</summary>
    internal static JsonObject Condition(string problem, DateTimeOffset now) => new()
    {
        ["type"] = Type,
        ["status"] = problem.Length == 0 ? "True" : "False",
        ["reason"] = problem.Length == 0 ? "TokenizersAgree" : "TokenizerMismatch",
        ["message"] = problem.Length == 0 ? "Runtimes and gateway have the same tokenizer; caps and limits count exactly." : problem,
        ["lastTransitionTime"] = now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
    };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var (model, problem) in _changes.Reader.ReadAllAsync(stoppingToken)) await PublishAsync(model, problem, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The usual end.
        }
    }

    private async Task PublishAsync(ObjectKey model, string problem, CancellationToken cancellation)
    {
        var condition = Condition(problem, time.GetUtcNow());
        // Another gateway may have said so already.
        if (models(model)?.Status?.Conditions?.FirstOrDefault(c => c.Type == Type) is { } known && known.Status == condition["status"]!.GetValue<string>() && known.Message == condition["message"]!.GetValue<string>()) return;
        var document = new JsonObject
        {
            ["apiVersion"] = ApiNames.ApiVersion,
            ["kind"] = ApiNames.Kind,
            ["metadata"] = new JsonObject { ["name"] = model.Name, ["namespace"] = model.Namespace },
            ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) },
        };
        try
        {
            await api.ApplyAsync(Models, model, JsonSerializer.SerializeToUtf8Bytes(document), Manager, force: true, "status", cancellation);
        }
        catch (Exception e) when (e is KubeApiException or HttpRequestException)
        {
            _reported.TryRemove(model, out _);
            LogFailed(logger, model.ToString(), problem, e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The condition of {Model} could not be written ({Condition}): {Problem}")]
    private static partial void LogFailed(ILogger logger, string model, string condition, string problem);
}
