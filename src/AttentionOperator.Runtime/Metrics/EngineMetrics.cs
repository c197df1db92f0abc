using AttentionOperator.Inference.Engine;
using Prometheus;

namespace AttentionOperator.Runtime.Metrics;

/// <summary>What the engine counts; copied when the metrics are read.</summary>
internal sealed class EngineMetrics(MetricFactory factory)
{
    private static readonly string[] Classes = ["interactive", "standard", "batch"];

    private readonly Gauge _running = factory.CreateGauge("attention_requests_running", "Sequences that the engine computes now.");
    private readonly Gauge _queued = factory.CreateGauge("attention_queue_depth", "Sequences that wait for the engine, by priority class.", "priority");
    private readonly Gauge _queuedTokens = factory.CreateGauge("attention_queue_tokens", "Input tokens that wait for the engine.");
    private readonly Gauge _cacheUse = factory.CreateGauge("attention_kv_cache_usage_ratio", "Share of the key-value cache's blocks in use, 0 to 1.");
    private readonly Gauge _blocks = factory.CreateGauge("attention_kv_cache_blocks", "Blocks of the key-value cache.");
    private readonly Gauge _rate = factory.CreateGauge("attention_engine_tokens_per_second", "Recent rate of generated tokens.");
    private readonly Counter _prefixQueried = factory.CreateCounter("attention_prefix_cache_queried_tokens_total", "Prompt tokens looked up in the prefix cache.");
    private readonly Counter _prefixHits = factory.CreateCounter("attention_prefix_cache_hit_tokens_total", "Prompt tokens found in the prefix cache.");
    private readonly Counter _preemptions = factory.CreateCounter("attention_preemptions_total", "Sequences that lost their cache to a more urgent one.");
    private readonly Counter _steps = factory.CreateCounter("attention_engine_steps_total", "Engine steps; tokens divided by steps is the mean batch.");
    private readonly Counter _prompt = factory.CreateCounter("attention_prompt_tokens_total", "Prompt tokens computed.");
    private readonly Counter _generated = factory.CreateCounter("attention_generated_tokens_total", "Tokens generated.");

    public void Update(EngineStatistics statistics)
    {
        _running.Set(statistics.Running);
        for (var i = 0; i < Classes.Length; i++) _queued.WithLabels(Classes[i]).Set(i < statistics.Waiting.Count ? statistics.Waiting[i] : 0);
        _queuedTokens.Set(statistics.WaitingTokens);
        _blocks.Set(statistics.BlocksTotal);
        _cacheUse.Set(statistics.BlocksTotal == 0 ? 0 : (double)statistics.BlocksUsed / statistics.BlocksTotal);
        _rate.Set(statistics.TokensPerSecond);
        _prefixQueried.IncTo(statistics.PrefixQueriedTokens);
        _prefixHits.IncTo(statistics.PrefixHitTokens);
        _preemptions.IncTo(statistics.Preemptions);
        _steps.IncTo(statistics.Steps);
        _prompt.IncTo(statistics.PromptTokens);
        _generated.IncTo(statistics.GeneratedTokens);
    }
}
