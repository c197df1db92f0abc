using System.Globalization;
using AttentionOperator.Api.Naming;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Gateway.Spending;
using AttentionOperator.Kube.Objects;
using Prometheus;

namespace AttentionOperator.Gateway.Metrics;

/// <summary>The gateway's Prometheus metrics. Labels are bounded: at most 1,000 models and 4,000 revisions keep their names.</summary>
internal sealed class GatewayMetrics
{
    private static readonly string[] ModelLabels = [MetricNames.ModelNamespace, MetricNames.Model];
    private static readonly double[] DurationBuckets = [.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320];
    private static readonly double[] TokenTimeBuckets = [.001, .0025, .005, .01, .025, .05, .075, .1, .15, .2, .3, .5, 1, 2.5];
    private readonly LabelBudget<ObjectKey> _models = new(1000, new ObjectKey("other", "other"));
    private readonly LabelBudget<string> _revisions = new(4000, "other");
    private readonly Counter _requests;
    private readonly Counter _tokens;
    private readonly Counter _cost;
    private readonly Histogram _duration;
    private readonly Histogram _queueTime;
    private readonly Histogram _firstToken;
    private readonly Histogram _perToken;
    private readonly Gauge _queueDepth;

    public GatewayMetrics(CollectorRegistry registry)
    {
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        Registry = registry;
        _requests = factory.CreateCounter("attention_gateway_requests_total", "Requests that were answered, by status; 499 = the client left.", [.. ModelLabels, MetricNames.Revision, "code"]);
        _tokens = factory.CreateCounter("attention_gateway_tokens_total", "Tokens as the runtimes counted them.", [.. ModelLabels, "type"]);
        _cost = factory.CreateCounter("attention_gateway_cost_total", "What the tokens cost by the model's spec.cost.", [.. ModelLabels, "currency"]);
        _duration = factory.CreateHistogram("attention_gateway_request_duration_seconds", "From the last byte of the request to the last of the answer.", ModelLabels, new HistogramConfiguration { Buckets = DurationBuckets });
        _queueTime = factory.CreateHistogram("attention_gateway_queue_seconds", "Time until a replica had room.", ModelLabels, new HistogramConfiguration { Buckets = DurationBuckets });
        _firstToken = factory.CreateHistogram("attention_gateway_time_to_first_token_seconds", "Streams: until the first token was sent.", ModelLabels, new HistogramConfiguration { Buckets = DurationBuckets });
        _perToken = factory.CreateHistogram("attention_gateway_time_per_output_token_seconds", "Streams: mean time per token after the first.", ModelLabels, new HistogramConfiguration { Buckets = TokenTimeBuckets });
        _queueDepth = factory.CreateGauge("attention_gateway_queue_depth", "Requests that wait at the gateway.", [.. ModelLabels, "class"]);
        Refusals = factory.CreateCounter("attention_gateway_refusals_total", "Requests that the gateway itself refused.", ["reason"]);
        Retries = factory.CreateCounter("attention_gateway_retries_total", "Attempts that were made again on another replica.", ["reason"]);
        Continuations = factory.CreateCounter("attention_gateway_continuations_total", "Streams that another replica went on with, or could not.", ["result"]);
        Ejections = factory.CreateCounter("attention_gateway_ejections_total", "Replicas left out for a while because they failed several times in a row.", []);
        TokenizerChecks = factory.CreateCounter("attention_gateway_tokenizer_checks_total", "Inputs that were counted exactly, or could not be because a runtime's tokenizer is another one or unknown.", ["result"]);
        Mirrored = factory.CreateCounter("attention_gateway_mirrored_total", "Copies of requests sent to a mirror revision.", ["result"]);
    }

    public CollectorRegistry Registry { get; }

    public Counter Refusals { get; }

    public Counter Retries { get; }

    public Counter Continuations { get; }

    public Counter Ejections { get; }

    public Counter TokenizerChecks { get; }

    public Counter Mirrored { get; }

    /// <summary>Keeps the queue's depth exact at the moment of a scrape.</summary>
    public void Observe(QueueRegistry queues) => Registry.AddBeforeCollectCallback(() =>
    {
        foreach (var (model, @class, waiting) in queues.Depths())
        {
            var key = _models.Of(model);
            _queueDepth.WithLabels(key.Namespace, key.Name, @class.ToString()).Set(waiting);
        }
    });

    public void Placed(ObjectKey model, TimeSpan waited)
    {
        var key = _models.Of(model);
        _queueTime.WithLabels(key.Namespace, key.Name).Observe(waited.TotalSeconds);
    }

    public void Finished(Exchange exchange, int code, TimeSpan duration)
    {
        var key = _models.Of(exchange.Route.Key);
        _requests.WithLabels(key.Namespace, key.Name, _revisions.Of(exchange.Revision ?? ""), code.ToString(CultureInfo.InvariantCulture)).Inc();
        _duration.WithLabels(key.Namespace, key.Name).Observe(duration.TotalSeconds);
        _tokens.WithLabels(key.Namespace, key.Name, "input").Inc(exchange.Usage.Input);
        _tokens.WithLabels(key.Namespace, key.Name, "output").Inc(exchange.Usage.Output);
        if (exchange.Route.Spec.Cost is { } cost && TokenPrices.Of(cost).Of(exchange.Usage).Cost is > 0 and var spent) _cost.WithLabels(key.Namespace, key.Name, cost.Currency).Inc((double)spent);
        if (exchange.TimeToFirstToken is not { } first) return;
        _firstToken.WithLabels(key.Namespace, key.Name).Observe(first.TotalSeconds);
        if (exchange.Usage.Output > 1) _perToken.WithLabels(key.Namespace, key.Name).Observe((duration - first).TotalSeconds / (exchange.Usage.Output - 1));
    }
}
