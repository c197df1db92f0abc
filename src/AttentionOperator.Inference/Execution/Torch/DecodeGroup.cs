using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>
/// Sequences of a step that compute one token each, of similar length, attended to together: their cache slots are padded to the
/// longest, and the padding is masked.
/// </summary>
internal sealed class DecodeGroup : IDisposable
{
    /// <summary>Keys (and as many values) gathered at a time over all sequences of a group.</summary>
    public const int MaxGathered = 1 << 16;

    private readonly torch.Tensor _uploaded, _positions;
    private readonly List<(int Before, torch.Tensor Bias)> _biases = [];
    private readonly torch.ScalarType _type;

    private DecodeGroup(StepBatch batch, List<int> members, int blockSize, torch.ScalarType type, torch.Device device)
    {
        _type = type;
        Length = FusedAttention.Align(batch.Sequences[members[0]].ContextLength + 1);
        var count = members.Count;
        // One upload: rows, positions, slots.
        var numbers = new long[count * (2 + Length)];
        for (var i = 0; i < count; i++)
        {
            var sequence = batch.Sequences[members[i]];
            (numbers[i], numbers[count + i]) = (sequence.TokenStart, sequence.ContextLength);
            var slots = numbers.AsSpan(2 * count + i * Length, Length);
            for (var at = 0; at < Length; at++)
            {
                // Padding reads a slot of the sequence's own.
                var position = Math.Min(at, sequence.ContextLength);
                slots[at] = (long)sequence.BlockTable[position / blockSize] * blockSize + position % blockSize;
            }
        }

        _uploaded = torch.tensor(numbers, device: device).DetachFromDisposeScope();
        Count = count;
        Rows = _uploaded.narrow(0, 0, count).DetachFromDisposeScope();
        _positions = _uploaded.narrow(0, count, count).view(count, 1, 1, 1).DetachFromDisposeScope();
        Slots = _uploaded.narrow(0, 2 * count, (long)count * Length).DetachFromDisposeScope();
    }

    public int Count { get; }

    /// <summary>Of the longest sequence, the step's token included; aligned.</summary>
    public int Length { get; }

    /// <summary>[b] rows of the step's tokens.</summary>
    public torch.Tensor Rows { get; }

    /// <summary>[b·length] cache slots.</summary>
    public torch.Tensor Slots { get; }

    /// <summary>Groups the sequences of the step that compute one token; similar lengths go together, so that little is padded.</summary>
    public static List<DecodeGroup> Of(StepBatch batch, int blockSize, torch.ScalarType type, torch.Device device)
    {
        var members = new List<int>();
        for (var i = 0; i < batch.Sequences.Count; i++)
            if (batch.Sequences[i].TokenCount == 1)
                members.Add(i);
        members.Sort((a, b) => batch.Sequences[b].ContextLength.CompareTo(batch.Sequences[a].ContextLength));
        var groups = new List<DecodeGroup>();
        for (var at = 0; at < members.Count;)
        {
            var length = batch.Sequences[members[at]].ContextLength + 1;
            var count = Math.Min(members.Count - at, Math.Max(1, MaxGathered / length));
            groups.Add(new DecodeGroup(batch, members.GetRange(at, count), blockSize, type, device));
            at += count;
        }

        return groups;
    }

    /// <summary>[b, 1, 1, length] for <see cref="FusedAttention"/>; kept for the step's other layers.</summary>
    public torch.Tensor Bias(int before)
    {
        foreach (var (window, known) in _biases)
            if (window == before)
                return known;
        using var scope = torch.NewDisposeScope();
        var keys = torch.arange(0, Length, torch.int64, _uploaded.device).view(1, 1, 1, Length);
        var hidden = keys.gt(_positions);
        if (before < Length - 1)
            hidden = hidden.logical_or_(keys.lt(_positions - (long)before));
        var bias = FusedAttention.Bias(hidden, _type).DetachFromDisposeScope();
        _biases.Add((before, bias));
        return bias;
    }

    public void Dispose()
    {
        foreach (var (_, bias) in _biases)
            bias.Dispose();
        Rows.Dispose();
        Slots.Dispose();
        _positions.Dispose();
        _uploaded.Dispose();
    }
}
