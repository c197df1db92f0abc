using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Sequences of a packed batch, of similar length, whose attention is computed together: padded there, and nowhere else.</summary>
internal sealed class PackedGroup : IDisposable
{
    /// <summary>Padded tokens of a group, and scores per head where the kernel keeps the mask: 2^14 tokens, 2^22 positions of a mask.</summary>
    private const int MaxTokens = 1 << 14, MaxMask = 1 << 22;

    private readonly List<(AttentionMask Mask, torch.Tensor? Bias)> _biases = [];
    private readonly torch.ScalarType _type;
    private readonly torch.Tensor _lengths;

    private PackedGroup(IReadOnlyList<int> starts, List<int> members, torch.ScalarType type, torch.Device device)
    {
        int LengthOf(int member) => starts[member + 1] - starts[member];
        (_type, Count, Length) = (type, members.Count, FusedAttention.Align(LengthOf(members[0])));
        var rows = new long[Count * Length];
        List<long> sources = [], targets = [];
        for (var i = 0; i < Count; i++)
        {
            var (start, length) = (starts[members[i]], LengthOf(members[i]));
            for (var t = 0; t < Length; t++)
            {
                // Padding reads the sequence's last token.
                rows[i * Length + t] = start + Math.Min(t, length - 1);
                if (t >= length)
                    continue;
                sources.Add(i * Length + t);
                targets.Add(start + t);
            }
        }

        IsPadded = sources.Count < rows.Length;
        torch.Tensor Make(long[] numbers) => torch.tensor(numbers, device: device).DetachFromDisposeScope();
        (Rows, Sources, Targets) = (Make(rows), Make([.. sources]), Make([.. targets]));
        _lengths = Make([.. members.Select(m => (long)LengthOf(m))]);
    }

    public int Count { get; }

    /// <summary>Of the longest sequence; aligned.</summary>
    public int Length { get; }

    public bool IsPadded { get; }

    /// <summary>[b·length] rows of the batch.</summary>
    public torch.Tensor Rows { get; }

    /// <summary>Padded rows that are tokens.</summary>
    public torch.Tensor Sources { get; }

    /// <summary>The batch's rows of these tokens.</summary>
    public torch.Tensor Targets { get; }

    public static List<PackedGroup> Of(IReadOnlyList<int> starts, torch.ScalarType type, torch.Device device)
    {
        int LengthOf(int member) => starts[member + 1] - starts[member];
        var members = Enumerable.Range(0, starts.Count - 1).Where(m => LengthOf(m) > 0).OrderByDescending(LengthOf).ToList();
        var groups = new List<PackedGroup>();
        for (var at = 0; at < members.Count;)
        {
            var length = LengthOf(members[at]);
            var most = (int)Math.Max(1, Math.Min(MaxTokens / length, MaxMask / ((long)length * length)));
            // A sequence of less than half the length would be mostly padding.
            var count = members.Skip(at).Take(most).TakeWhile(m => 2 * LengthOf(m) >= length || length <= 16).Count();
            groups.Add(new PackedGroup(starts, members.GetRange(at, count), type, device));
            at += count;
        }

        return groups;
    }

    /// <summary>[b, 1, rows or 1, length] for <see cref="FusedAttention"/>; null where every query sees every key. Kept for the step's other layers.</summary>
    public torch.Tensor? Bias(AttentionMask mask)
    {
        foreach (var (known, result) in _biases)
            if (known == mask)
                return result;
        using var scope = torch.NewDisposeScope();
        var keys = torch.arange(0, Length, torch.int64, _lengths.device).view(1, 1, 1, Length);
        var hidden = IsPadded ? keys.ge(_lengths.view(Count, 1, 1, 1)) : null;
        if (mask.Sees(Length) != false)
        {
            var distance = keys.view(1, 1, Length, 1) - keys;
            var far = distance.gt((long)mask.Before).logical_or_(distance.lt(-(long)mask.After));
            // Padded queries see themselves at least: a row without keys would be not a number.
            hidden = hidden is null ? far : hidden.logical_or(far).logical_and_(distance.ne(0));
        }

        var bias = hidden is null ? null : FusedAttention.Bias(hidden, _type).DetachFromDisposeScope();
        _biases.Add((mask, bias));
        return bias;
    }

    public void Dispose()
    {
        foreach (var (_, bias) in _biases)
            bias?.Dispose();
        Rows.Dispose();
        Sources.Dispose();
        Targets.Dispose();
        _lengths.Dispose();
    }
}
