using AttentionOperator.Inference.Cache;
using AttentionOperator.Inference.Scheduling;

namespace AttentionOperator.Inference.Engine;

/// <summary>Numbers that the engine's thread writes once per step and anyone reads as one consistent view.</summary>
internal sealed class EngineCounters(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly RateMeter outputRate = new(time, TimeSpan.FromSeconds(10));
    private readonly int[] waiting = new int[3];
    private readonly int[] submitted = new int[3];
    private Values values;

    /// <summary>Accepted, but not yet seen by the engine's thread.</summary>
    public void Submitted(PriorityClass priority, int change)
    {
        lock (gate) submitted[(int)priority] += change;
    }

    public void StepFailed(bool forMemory)
    {
        lock (gate)
        {
            values.FailedSteps++;
            if (forMemory) values.OutOfMemory++;
        }
    }

    public void StepDone(int promptTokens, int generatedTokens)
    {
        lock (gate)
        {
            values.Steps++;
            values.PromptTokens += promptTokens;
            values.GeneratedTokens += generatedTokens;
            if (generatedTokens > 0) outputRate.Add(generatedTokens);
        }
    }

    public void Publish(Scheduler scheduler, KeyValueCache cache)
    {
        lock (gate)
        {
            values.Running = scheduler.Running.Count;
            for (var i = 0; i < waiting.Length; i++) waiting[i] = scheduler.Waiting.CountOf((PriorityClass)i);
            values.WaitingTokens = scheduler.Waiting.Tokens;
            values.BlocksTotal = cache.Total;
            values.BlocksUsed = cache.Used;
            values.QueriedTokens = cache.QueriedTokens;
            values.HitTokens = cache.HitTokens;
            values.Preemptions = scheduler.Preemptions;
        }
    }

    /// <summary>An encoder has no cache: its step's token budget stands in for blocks.</summary>
    public void Publish(EncoderPacker packer, int running, int tokens)
    {
        lock (gate)
        {
            values.Running = running;
            for (var i = 0; i < waiting.Length; i++) waiting[i] = packer.CountOf((PriorityClass)i);
            values.WaitingTokens = packer.Tokens;
            values.BlocksTotal = packer.MaxTokens;
            values.BlocksUsed = tokens;
        }
    }

    /// <summary>A batch of an encoder, whose rate is that of its input.</summary>
    public void BatchDone(int tokens)
    {
        lock (gate)
        {
            values.Steps++;
            values.PromptTokens += tokens;
            outputRate.Add(tokens);
        }
    }

    public EngineStatistics Read()
    {
        lock (gate)
        {
            return new EngineStatistics
            {
                Running = values.Running,
                Waiting = [waiting[0] + submitted[0], waiting[1] + submitted[1], waiting[2] + submitted[2]],
                WaitingTokens = values.WaitingTokens,
                BlocksTotal = values.BlocksTotal,
                BlocksUsed = values.BlocksUsed,
                PrefixQueriedTokens = values.QueriedTokens,
                PrefixHitTokens = values.HitTokens,
                Preemptions = values.Preemptions,
                Steps = values.Steps,
                FailedSteps = values.FailedSteps,
                OutOfMemory = values.OutOfMemory,
                PromptTokens = values.PromptTokens,
                GeneratedTokens = values.GeneratedTokens,
                TokensPerSecond = outputRate.PerSecond(),
            };
        }
    }

    private struct Values
    {
        public int Running;
        public long WaitingTokens;
        public int BlocksTotal;
        public int BlocksUsed;
        public long QueriedTokens;
        public long HitTokens;
        public long Preemptions;
        public long Steps;
        public long FailedSteps;
        public long OutOfMemory;
        public long PromptTokens;
        public long GeneratedTokens;
    }
}
