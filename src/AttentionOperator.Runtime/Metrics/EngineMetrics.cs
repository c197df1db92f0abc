using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Memory;
using Prometheus;

namespace AttentionOperator.Runtime.Metrics;

/// <summary>What the engine counts; copied when the metrics are read.</summary>
internal sealed class EngineMetrics(MetricFactory factory)
{
    private static readonly string[] Classes = ["interactive", "standard", "batch"];
    private static readonly double[] Sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256];
    private static readonly double[] Tokens = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384];
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

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
    private readonly Counter _failedSteps = factory.CreateCounter("attention_engine_failed_steps_total", "Engine steps that could not be computed at once.");
    private readonly Counter _outOfMemory = factory.CreateCounter("attention_out_of_memory_total", "Engine steps for which the device had too little memory.");
    private readonly Gauge _memoryUsed = factory.CreateGauge("attention_device_memory_used_bytes", "Memory in use on the device that computes: of the GPU, or of this process.");
    private readonly Gauge _memoryTotal = factory.CreateGauge("attention_device_memory_total_bytes", "Memory of the device that computes: the GPU's, or what the container may use.");
    private readonly Histogram _batch = factory.CreateHistogram("attention_batch_sequences", "Sequences per engine step.", new HistogramConfiguration { Buckets = Sizes });
    private readonly Histogram _stepTokens = factory.CreateHistogram("attention_step_tokens", "Tokens computed per engine step.", new HistogramConfiguration { Buckets = Tokens });
    private readonly Histogram _stepSeconds = factory.CreateHistogram("attention_step_duration_seconds", "Time to compute an engine step.", new HistogramConfiguration { Buckets = Seconds });
    private readonly Counter _prompt = factory.CreateCounter("attention_prompt_tokens_total", "Prompt tokens computed.");
    private readonly Counter _generated = factory.CreateCounter("attention_generated_tokens_total", "Tokens generated.");

    /// <summary>On the engine's thread; allocates nothing.</summary>
    public void StepDone(StepReport step)
    {
        _batch.Observe(step.Sequences);
        _stepTokens.Observe(step.Tokens);
        _stepSeconds.Observe(step.Duration.TotalSeconds);
    }

    public void Update(EngineStatistics statistics, DeviceMemory memory)
    {
        _memoryUsed.Set(memory.UsedBytes);
        _memoryTotal.Set(memory.TotalBytes);
        _failedSteps.IncTo(statistics.FailedSteps);
        _outOfMemory.IncTo(statistics.OutOfMemory);
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
