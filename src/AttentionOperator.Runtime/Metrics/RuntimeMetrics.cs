using AttentionOperator.Api.Runtime;
using AttentionOperator.Runtime.Serving;
using Prometheus;

namespace AttentionOperator.Runtime.Metrics;

/// <summary>The runtime's metrics, in a registry of their own. Base units, no colons, bounded labels.</summary>
internal sealed class RuntimeMetrics
{
    private static readonly double[] Seconds =
        [0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];

    private static readonly double[] TokenSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];

    private static readonly double[] Tokens = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576];

    public RuntimeMetrics(RuntimeConfiguration configuration)
    {
        Registry = Prometheus.Metrics.NewCustomRegistry();
        Registry.SetStaticLabels(new Dictionary<string, string>
        {
            ["model"] = configuration.Model,
            ["model_namespace"] = configuration.Namespace,
            ["revision"] = configuration.Revision,
        });
        var factory = Prometheus.Metrics.WithCustomRegistry(Registry);
        Requests = factory.CreateCounter("attention_requests_total", "Answered requests by endpoint and status code (0: the client went away).", "endpoint", "code");
        Rejections = factory.CreateCounter("attention_requests_rejected_total", "Requests that got an error answer, by reason.", "reason");
        Finished = factory.CreateCounter("attention_generations_finished_total", "Finished generations by finish reason.", "finish_reason");
        InFlight = factory.CreateGauge("attention_requests_in_flight", "Requests inside the server, from acceptance to the last byte.");
        RequestDuration = Histogram(factory, "attention_request_duration_seconds", "Time from arrival to the last byte.", Seconds, "endpoint");
        TimeToFirstToken = Histogram(factory, "attention_time_to_first_token_seconds", "Time from arrival to the first generated token.", Seconds);
        TimePerOutputToken = Histogram(factory, "attention_time_per_output_token_seconds", "Mean time between output tokens of a request.", TokenSeconds);
        Queue = Histogram(factory, "attention_queue_duration_seconds", "Time that a request waited for its first engine step.", Seconds);
        Tokenize = Histogram(factory, "attention_tokenize_duration_seconds", "Time to tokenize a request, waiting included.", Seconds);
        Prefill = Histogram(factory, "attention_prefill_duration_seconds", "Time from the first engine step to the first token.", Seconds);
        Decode = Histogram(factory, "attention_decode_duration_seconds", "Time from the first to the last token.", Seconds);
        InputTokens = Histogram(factory, "attention_request_input_tokens", "Input tokens per request.", Tokens);
        OutputTokens = Histogram(factory, "attention_request_output_tokens", "Output tokens per request.", Tokens);
        TokenizationFailures = factory.CreateCounter("attention_tokenization_failures_total", "Inputs on which the tokenizer failed.");
        ColdStart = factory.CreateGauge("attention_cold_start_seconds", "Duration of each phase of the start.", "phase");
        Info = factory.CreateGauge("attention_model_info", "Always 1; the labels say what is served.", "task", "tokenizer_fingerprint", "model_digest");
        CacheInfo = factory.CreateGauge("attention_kv_cache_info", "Always 1; the labels say the size of the key-value cache's blocks in tokens, and how many there are.", "block_size", "num_gpu_blocks");
        Engine = new EngineMetrics(factory);
        Entropy = new EntropyMetrics(factory);
    }

    public CollectorRegistry Registry { get; }

    public Counter Requests { get; }

    public Counter Rejections { get; }

    public Counter Finished { get; }

    public Gauge InFlight { get; }

    public Histogram RequestDuration { get; }

    public Histogram TimeToFirstToken { get; }

    public Histogram TimePerOutputToken { get; }

    public Histogram Queue { get; }

    public Histogram Tokenize { get; }

    public Histogram Prefill { get; }

    public Histogram Decode { get; }

    public Histogram InputTokens { get; }

    public Histogram OutputTokens { get; }

    public Counter TokenizationFailures { get; }

    public Gauge ColdStart { get; }

    public Gauge Info { get; }

    public Gauge CacheInfo { get; }

    public EngineMetrics Engine { get; }

    public EntropyMetrics Entropy { get; }

    public void Describe(ServedModel model)
    {
        var configuration = model.Configuration;
        if (model.CacheBlockSize > 0) CacheInfo.WithLabels(Text(model.CacheBlockSize), Text(model.Statistics.BlocksTotal)).Set(1);
        Info.WithLabels(configuration.Task.ToString(), model.Tokenizer.Fingerprint, model.ModelDigest ?? "").Set(1);
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static Histogram Histogram(MetricFactory factory, string name, string help, double[] buckets, params string[] labels) =>
        factory.CreateHistogram(name, help, labels, new HistogramConfiguration { Buckets = buckets });
}
