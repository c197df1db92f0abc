using System.Net;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Runtime.Metrics;
using AttentionOperator.Runtime.Serving;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AttentionOperator.Runtime.Http;

/// <summary>
/// The HTTP server of one model. It listens before the model is loaded (health answers, requests get 503), serves after
/// <see cref="Open"/>, and goes through <see cref="DrainAsync"/> before it stops.
/// </summary>
internal sealed partial class RuntimeServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ILogger<RuntimeServer> _logger;
    private readonly TimeProvider _clock;
    private readonly TokenizationPool _pool;
    private readonly RequestPipeline _pipeline;
    private ServedModel? _model;
    private ApiEndpoints? _endpoints;

    private RuntimeServer(WebApplication app, RuntimeConfiguration configuration, RuntimeOptions options, TimeProvider clock)
    {
        _app = app;
        _clock = clock;
        _logger = app.Services.GetRequiredService<ILogger<RuntimeServer>>();
        _pool = new TokenizationPool(options.TokenizerThreads, options.TokenizerQueue, clock);
        Metrics = new RuntimeMetrics(configuration);
        _pipeline = new RequestPipeline(Gate, Metrics, options, clock, app.Services.GetRequiredService<ILogger<RequestPipeline>>());
        var admin = new AdminEndpoints(Gate, Metrics, configuration.VllmMetricAliases);
        app.MapGet(RuntimeLayout.LivePath, AdminEndpoints.LiveAsync);
        app.MapGet(RuntimeLayout.ReadyPath, admin.ReadyAsync);
        app.MapGet(RuntimeLayout.StartupPath, admin.StartupAsync);
        app.MapGet("/health", AdminEndpoints.LiveAsync);
        app.MapGet(RuntimeLayout.MetricsPath, admin.MetricsAsync);
        app.MapGet("/version", AdminEndpoints.VersionAsync);
        MapApi();
    }

    public RequestGate Gate { get; } = new();

    public RuntimeMetrics Metrics { get; }

    public static RuntimeServer Create(RuntimeConfiguration configuration, IPEndPoint listen, RuntimeOptions options, TimeProvider clock, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(listen);
            var limits = kestrel.Limits;
            limits.MaxRequestBodySize = options.MaxBodyBytes;
            limits.MaxConcurrentConnections = options.MaxConnections;
            limits.MaxRequestHeaderCount = 100;
            limits.MaxRequestHeadersTotalSize = 32 * 1024;
            limits.MaxRequestLineSize = 8 * 1024;
            limits.MaxResponseBufferSize = 64 * 1024;
            limits.RequestHeadersTimeout = options.HeaderTimeout;
            limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
            limits.MinRequestBodyDataRate = new MinDataRate(options.MinBodyBytesPerSecond, TimeSpan.FromSeconds(5));
            limits.MinResponseDataRate = new MinDataRate(options.MinBodyBytesPerSecond, TimeSpan.FromSeconds(5));
        });
        configure?.Invoke(builder);
        return new RuntimeServer(builder.Build(), configuration, options, clock);
    }

    /// <summary>Binds the address.</summary>
    /// <returns>The bound address, with the port that the system chose where 0 was asked for.</returns>
    public async Task<Uri> StartAsync(CancellationToken cancellationToken = default)
    {
        await _app.StartAsync(cancellationToken);
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new Uri(address);
    }

    /// <summary>Serves the model from now on. The server owns it.</summary>
    public void Open(ServedModel model)
    {
        _model = model;
        _endpoints = ApiEndpoints.For(model, _pipeline, _pool, Metrics);
        Metrics.Describe(model);
        Gate.Open(model);
    }

    /// <summary>
    /// Readiness off and new requests refused at once; ends when the last running request has, or after <paramref name="grace"/>, when
    /// the rest is handed back: as a retryable 503 before the first byte, as an error event after it.
    /// </summary>
    public async Task DrainAsync(TimeSpan grace)
    {
        var idle = Gate.BeginDrain();
        LogDraining(_logger, Gate.Inside, grace.TotalSeconds);
        try
        {
            await idle.WaitAsync(grace, _clock);
            LogDrained(_logger);
        }
        catch (TimeoutException)
        {
            LogHandedBack(_logger, Gate.Inside);
            Gate.AbortAll();
            // Error answers still have to be written.
            await Task.WhenAny(idle, Task.Delay(TimeSpan.FromSeconds(1), _clock));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _ = Gate.BeginDrain();
        Gate.AbortAll();
        using (var stop = new CancellationTokenSource(TimeSpan.FromSeconds(2)))
        {
            await _app.StopAsync(stop.Token);
        }

        await _app.DisposeAsync();
        _pool.Dispose();
        if (_model is not null) await _model.DisposeAsync();
        Gate.Dispose();
    }

    private void MapApi()
    {
        // The gate opens after the endpoints are made, so that a handler always finds them.
        RequestDelegate Handler(string endpoint, string operation, Func<ApiEndpoints, Func<RequestScope, Task>> pick) =>
            _pipeline.Handle(endpoint, operation, scope => pick(_endpoints!)(scope));

        _app.MapPost("/v1/completions", Handler("completions", "text_completion", e => e.Generation.CompleteAsync));
        _app.MapPost("/v1/chat/completions", Handler("chat_completions", "chat", e => e.Generation.ChatAsync));
        _app.MapPost("/v1/embeddings", Handler("embeddings", "embeddings", e => e.Encoder.EmbedAsync));
        _app.MapPost("/v1/classify", Handler("classify", "classify", e => e.Encoder.ClassifyAsync));
        _app.MapPost("/v1/rerank", Handler("rerank", "rerank", e => e.Rerank.RerankAsync));
        _app.MapPost("/tokenize", Handler("tokenize", "tokenize", e => e.Tokenizer.TokenizeAsync));
        _app.MapPost("/detokenize", Handler("detokenize", "detokenize", e => e.Tokenizer.DetokenizeAsync));
        _app.MapPost("/v1/completions/render", Handler("completions_render", "render", e => e.Tokenizer.RenderCompletionAsync));
        _app.MapPost("/v1/chat/completions/render", Handler("chat_completions_render", "render", e => e.Tokenizer.RenderChatAsync));
        _app.MapGet("/v1/models", _pipeline.Handle("models", "models", ModelEndpoints.ListAsync));
        _app.MapGet("/v1/models/{**model}", _pipeline.Handle("models", "models", ModelEndpoints.GetAsync));
        _app.MapFallback(_pipeline.Handle("other", "other", scope => throw ApiErrors.NotServed(
            $"There is no {scope.Context.Request.Method} {(scope.Context.Request.Path.Value is { Length: <= 200 } path ? path : "path like this")} here.")));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Draining {Count} running requests for at most {Seconds} s")]
    private static partial void LogDraining(ILogger logger, int count, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Drained: no request was cut")]
    private static partial void LogDrained(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The grace period is over; {Count} requests are handed back")]
    private static partial void LogHandedBack(ILogger logger, int count);
}
