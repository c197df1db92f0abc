using System.Runtime.InteropServices;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Probes;
using AttentionOperator.Inference.Sampling;
using AttentionOperator.Inference.Scheduling;

namespace AttentionOperator.Inference.Engine;

/// <summary>Computes a planned step and samples from it. Holds the step's buffers, sized once for the largest step.</summary>
internal sealed class StepRunner
{
    private readonly IDecoderExecutor executor;
    private readonly ISeq2SeqExecutor? encoderDecoder;
    private readonly IAttentionEntropySource? entropySource;
    private readonly List<int> probeBlocks = [0];
    private readonly StepBatch batch = new();
    private readonly Sampler sampler;
    private readonly float[] logits;
    private readonly int vocabulary;

    public StepRunner(IDecoderExecutor executor, SchedulerLimits limits)
    {
        this.executor = executor;
        encoderDecoder = executor as ISeq2SeqExecutor;
        entropySource = executor as IAttentionEntropySource;
        vocabulary = executor.Shape.VocabularySize;
        sampler = new Sampler(vocabulary);
        logits = GC.AllocateUninitializedArray<float>(checked(limits.MaxLogitRows * vocabulary));
        batch.TokenIds.EnsureCapacity(limits.MaxBatchTokens);
        batch.Sequences.EnsureCapacity(limits.MaxSequences);
        batch.LogitRows.EnsureCapacity(limits.MaxLogitRows);
    }

    /// <summary>Runs the encoder for a sequence that has just got its slot.</summary>
    public void Encode(Sequence sequence)
    {
        encoderDecoder!.Encode(sequence.CrossSlot, sequence.EncoderInput);
        sequence.Encoded = true;
    }

    /// <summary>Can a single token be computed? Tells a broken device from a request that breaks its step.</summary>
    /// <param name="block">A block that no sequence uses.</param>
    /// <param name="crossSlot">A filled slot, for an encoder-decoder.</param>
    public bool CanCompute(int block, int crossSlot)
    {
        probeBlocks[0] = block;
        batch.Clear();
        batch.TokenIds.Add(0);
        batch.Sequences.Add(new StepSequence(0, 1, 0, probeBlocks, crossSlot));
        batch.LogitRows.Add(0);
        return Succeeds(() => executor.Execute(batch, logits.AsSpan(0, vocabulary)));
    }

    /// <summary>Can a single token be encoded into the slot? If so, the slot is filled.</summary>
    public bool CanEncode(int crossSlot) => Succeeds(() => encoderDecoder!.Encode(crossSlot, [0]));

    /// <summary>Computes a part of the plan's items.</summary>
    /// <param name="plan">The step.</param>
    /// <param name="first">First item.</param>
    /// <param name="count">Items.</param>
    /// <param name="entropyOf">Item whose last token's attention entropy is measured; −1 = none.</param>
    public EntropySample? Compute(StepPlan plan, int first, int count, int entropyOf)
    {
        batch.Clear();
        var probed = 0;
        for (var i = first; i < first + count; i++)
        {
            var item = plan.Items[i];
            var sequence = item.Sequence;
            var start = batch.TokenIds.Count;
            batch.TokenIds.AddRange(CollectionsMarshal.AsSpan(sequence.Tokens).Slice(sequence.Computed, item.Count));
            batch.Sequences.Add(new StepSequence(start, item.Count, sequence.Computed, sequence.Blocks, sequence.CrossSlot));
            for (var row = item.Count - item.LogitRows; row < item.Count; row++) batch.LogitRows.Add(start + row);
            if (i == entropyOf) probed = start + item.Count - 1;
        }

        var rows = logits.AsSpan(0, batch.LogitRows.Count * vocabulary);
        if (entropyOf < 0 || entropySource is null)
        {
            executor.Execute(batch, rows);
            return null;
        }

        var entropy = new AttentionEntropy(new HashSet<int> { probed });
        entropySource.Execute(batch, rows, entropy);
        var layers = new double[entropy.LayerCount];
        for (var layer = 0; layer < layers.Length; layer++) layers[layer] = entropy.MeanNormalized(layer);
        return new EntropySample(plan.Items[entropyOf].Sequence.Tokens.Count, layers);
    }

    private static bool Succeeds(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception)
        {
            // What was wrong is known already; here it only matters that something is.
            return false;
        }
    }

    /// <summary>The step's logits [rows × V] of an item.</summary>
    /// <param name="firstRow">Rows of the items before it.</param>
    /// <param name="rows">Its own rows.</param>
    public ReadOnlySpan<float> Logits(int firstRow, int rows) => logits.AsSpan(firstRow * vocabulary, rows * vocabulary);

    /// <summary>Log-probabilities of the prompt's tokens that this chunk predicts.</summary>
    public void RecordPrompt(GenerationWork work, int firstPosition, ReadOnlySpan<float> rows)
    {
        for (var row = 0; row < rows.Length / vocabulary; row++)
        {
            var predicted = firstPosition + row + 1;
            if (predicted >= work.PromptLength) return;
            work.PromptLogProbs![predicted] =
                LogProbabilities.Of(rows.Slice(row * vocabulary, vocabulary), work.Tokens[predicted], work.Request.LogProbs ?? 0);
        }
    }

    /// <summary>Samples the next token and appends it; false where no token can be taken.</summary>
    public bool SampleNext(GenerationWork work, ReadOnlySpan<float> rows, out int token, out TokenLogProb? logProb)
    {
        var row = rows[^vocabulary..];
        var mustGoOn = work.OutputCount < work.Request.MinTokens;
        var stops = mustGoOn ? [] : work.StopIds.AsSpan();
        var context = CollectionsMarshal.AsSpan(work.Tokens);
        var forbidden = mustGoOn ? work.StopIds : null;
        // The best of all tokens is also the best of the allowed ones if it is allowed: greedy answers rarely need a mask.
        var unmasked = work.Constraint is null || work.Sampling.Greedy;
        token = unmasked ? sampler.Sample(row, work.Sampling, context, [], forbidden, work.OutputCount) : -1;
        if (work.Constraint is { } constraint && (token < 0 || !constraint.Permits(token, stops)))
            token = sampler.Sample(row, work.Sampling, context, constraint.Allowed(stops), forbidden, work.OutputCount);
        logProb = token >= 0 && work.Request.LogProbs is { } top ? LogProbabilities.Of(row, token, top) : null;
        if (token < 0) return false;
        work.Tokens.Add(token);
        work.Sampling.AddOutput(token);
        return true;
    }
}
