using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Sampling;

namespace AttentionOperator.Inference.Tests.Sampling;

public sealed class SamplerTests
{
    [Fact]
    public void Uniform_numbers_are_uniform_and_depend_on_seed_and_index_alone()
    {
        var counts = new int[16];
        for (var index = 0; index < 16000; index++) counts[(int)(CounterRandom.Uniform(7, index) * 16)]++;
        // Chi-squared with 15 degrees of freedom: 37.7 is the 99.9th percentile.
        Assert.InRange(counts.Sum(c => (c - 1000.0) * (c - 1000.0) / 1000), 0, 37.7);
        Assert.Equal(CounterRandom.Uniform(7, 123), CounterRandom.Uniform(7, 123));
        Assert.NotEqual(CounterRandom.Uniform(7, 123), CounterRandom.Uniform(8, 123));
    }

    [Fact]
    public void Draws_follow_the_distribution()
    {
        float[] logits = [MathF.Log(0.5f), MathF.Log(0.3f), MathF.Log(0.2f), float.NegativeInfinity];
        var sampler = new Sampler(4);
        var state = new SamplingState(new SamplingParameters(), 3);
        var counts = new int[4];
        for (var i = 0; i < 10000; i++) counts[sampler.Sample(logits, state, [], [], null, i)]++;
        Assert.InRange(counts[0], 4800, 5200);
        Assert.InRange(counts[1], 2800, 3200);
        Assert.Equal(0, counts[3]);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(1000)]
    public void Greedy_takes_the_lowest_id_of_the_largest_logit(int vocabulary)
    {
        var random = new Random(vocabulary);
        var sampler = new Sampler(vocabulary);
        var state = new SamplingState(new SamplingParameters { Temperature = 0 }, 0);
        for (var trial = 0; trial < 50; trial++)
        {
            var logits = Enumerable.Range(0, vocabulary).Select(_ => (float)random.Next(10)).ToArray();
            Assert.Equal(Array.IndexOf(logits, logits.Max()), sampler.Sample(logits, state, [], [], null, 0));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_row_with_nan_gives_no_token(float temperature)
    {
        var logits = new float[100];
        logits[37] = float.NaN;
        var state = new SamplingState(new SamplingParameters { Temperature = temperature }, 0);
        Assert.Equal(-1, new Sampler(100).Sample(logits, state, [], [], null, 0));
    }

    [Fact]
    public void Masks_bias_penalties_and_forbidden_ids_apply_before_the_choice()
    {
        float[] logits = [5, 4, 3, 2];
        var sampler = new Sampler(4);
        var greedy = new SamplingParameters { Temperature = 0 };
        Assert.Equal(1, sampler.Sample(logits, new SamplingState(greedy, 0), [], [0b1110], null, 0));
        Assert.Equal(2, sampler.Sample(logits, new SamplingState(greedy, 0), [], [0b1110], [1], 0));
        Assert.Equal(-1, sampler.Sample(logits, new SamplingState(greedy, 0), [], [0UL], null, 0));
        Assert.Equal(3, sampler.Sample(logits, new SamplingState(greedy with { LogitBias = new Dictionary<int, float> { [3] = 10 } }, 0), [], [], null, 0));
        var penalised = new SamplingState(greedy with { FrequencyPenalty = 0.6f }, 0);
        penalised.AddOutput(0);
        Assert.Equal(0, sampler.Sample(logits, penalised, [], [], null, 1));
        penalised.AddOutput(0);
        Assert.Equal(1, sampler.Sample(logits, penalised, [], [], null, 2));
        Assert.Equal([5f, 4, 3, 2], logits);
    }

    [Fact]
    public void Log_probabilities_list_the_best_in_order()
    {
        float[] logits = [1, 3, 2, 3, 0];
        var normaliser = Math.Log(logits.Sum(x => Math.Exp(x)));
        var result = LogProbabilities.Of(logits, 4, 3);
        Assert.Equal((float)(0 - normaliser), result.LogProb, 1e-6f);
        Assert.Equal([1, 3, 2], result.Top.Select(t => t.TokenId));
        Assert.Equal((float)(3 - normaliser), result.Top[0].LogProb, 1e-6f);
    }

    [Fact]
    public void Sampling_allocates_nothing()
    {
        var random = new Random(5);
        var logits = Enumerable.Range(0, 4096).Select(_ => (float)(random.NextDouble() * 10)).ToArray();
        var sampler = new Sampler(logits.Length);
        var state = new SamplingState(
            new SamplingParameters { Temperature = 0.8f, TopK = 50, TopP = 0.9f, MinP = 0.01f, RepetitionPenalty = 1.1f, FrequencyPenalty = 0.1f }, 1);
        state.AddPrompt([1, 2, 3]);
        state.AddOutput(4);
        var mask = new ulong[64];
        mask.AsSpan().Fill(ulong.MaxValue);
        sampler.Sample(logits, state, [], mask, null, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) sampler.Sample(logits, state, [], mask, null, i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
