using AttentionOperator.Inference.Execution;

namespace AttentionOperator.Fidelity;

/// <summary>Runs sequences through a decoder's paged interface, as an engine would: blocks in scattered order, several sequences per step.</summary>
internal sealed class DecoderDriver
{
    private readonly IDecoderExecutor _executor;
    private readonly Stack<int> _free;
    private readonly StepBatch _batch = new();

    public DecoderDriver(IDecoderExecutor executor)
    {
        _executor = executor;
        var blocks = Enumerable.Range(0, executor.Shape.BlockCount).ToArray();
        new Random(7).Shuffle(blocks);
        _free = new Stack<int>(blocks);
    }

    public int VocabularySize => _executor.Shape.VocabularySize;

    public static Sequence Start(int crossSlot = -1) => new() { CrossSlot = crossSlot };

    public void End(Sequence sequence)
    {
        foreach (var block in sequence.Blocks)
            _free.Push(block);
        sequence.Blocks.Clear();
    }

    /// <summary>Logits [sum of tokens, V] where <paramref name="all"/>, else [sequences, V] of the last tokens.</summary>
    public float[] Step(IReadOnlyList<(Sequence Sequence, int[] Tokens)> parts, bool all = false)
    {
        _batch.Clear();
        foreach (var (sequence, tokens) in parts)
        {
            while (sequence.Blocks.Count * _executor.Shape.BlockSize < sequence.Length + tokens.Length)
                sequence.Blocks.Add(_free.Pop());
            _batch.Sequences.Add(new StepSequence(_batch.TokenIds.Count, tokens.Length, sequence.Length, sequence.Blocks, sequence.CrossSlot));
            _batch.TokenIds.AddRange(tokens);
            sequence.Length += tokens.Length;
            if (all)
                _batch.LogitRows.AddRange(Enumerable.Range(_batch.TokenIds.Count - tokens.Length, tokens.Length));
            else
                _batch.LogitRows.Add(_batch.TokenIds.Count - 1);
        }

        var logits = new float[_batch.LogitRows.Count * VocabularySize];
        _executor.Execute(_batch, logits);
        return logits;
    }

    /// <summary>Greedy continuation: the ids, and the logits of every step.</summary>
    public (int[] Ids, float[][] Logits) Greedy(int[] prompt, int count, int crossSlot = -1)
    {
        var sequence = Start(crossSlot);
        var (ids, steps) = (new int[count], new float[count][]);
        var next = prompt;
        for (var i = 0; i < count; i++)
        {
            steps[i] = Step([(sequence, next)]);
            ids[i] = ArgMax(steps[i]);
            next = [ids[i]];
        }

        End(sequence);
        return (ids, steps);
    }

    /// <summary>Greedy continuation of several sequences side by side: ids [rows][count] and the first step's logits.</summary>
    public (int[][] Ids, float[][] FirstLogits) GreedyTogether(IReadOnlyList<int[]> prompts, int count, Func<int, int>? crossSlot = null)
    {
        var sequences = prompts.Select((_, i) => Start(crossSlot?.Invoke(i) ?? -1)).ToArray();
        var ids = prompts.Select(_ => new List<int>()).ToArray();
        var first = new float[prompts.Count][];
        for (var step = 0; step < count; step++)
        {
            var logits = Step([.. sequences.Select((s, i) => (s, step == 0 ? prompts[i] : [ids[i][^1]]))]);
            for (var i = 0; i < sequences.Length; i++)
            {
                var row = logits.AsSpan(i * VocabularySize, VocabularySize);
                if (step == 0)
                    first[i] = row.ToArray();
                ids[i].Add(ArgMax(row));
            }
        }

        foreach (var sequence in sequences)
            End(sequence);
        return ([.. ids.Select(r => r.ToArray())], first);
    }

    public static int ArgMax(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
            if (values[i] > values[best])
                best = i;
        return best;
    }

    public static double LogSumExp(ReadOnlySpan<float> values)
    {
        double max = values[ArgMax(values)], sum = 0;
        foreach (var value in values)
            sum += Math.Exp(value - max);
        return max + Math.Log(sum);
    }

    public sealed class Sequence
    {
        public List<int> Blocks { get; } = [];

        public int Length { get; set; }

        public int CrossSlot { get; init; }
    }
}
