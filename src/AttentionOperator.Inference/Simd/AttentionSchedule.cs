using AttentionOperator.Inference.Attention;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Simd;

/// <summary>A chunk of one sequence's query rows.</summary>
internal readonly record struct AttentionItem(int Sequence, AttentionChunk Chunk);

/// <summary>The step's attention, cut into chunks once for all layers with the same mask.</summary>
internal sealed class AttentionSchedule
{
    /// <summary>Rows per chunk: enough to reuse keys in registers, few enough to keep all workers busy.</summary>
    public const int MaxRows = 32;

    /// <summary>Scores per chunk: 1 MiB per worker.</summary>
    public const int MaxScores = 256 << 10;

    /// <summary>Most columns that alignment adds to a chunk's two ranges.</summary>
    public const int MaxPadded = 4 * Alignment;

    private const int Alignment = 16;

    private readonly List<(AttentionMask Mask, List<AttentionItem> Items)> _schedules = [];
    private readonly List<AttentionChunk> _chunks = [];
    private int _used;

    /// <summary>Most scores of a row, padded ranges included.</summary>
    public static int PaddedKeys(in AttentionChunk chunk) => Padded(chunk.First) + Padded(chunk.Second);

    /// <summary>
    /// Ranges are scored from a multiple of the widest register on: a score's lane, and so the order of the softmax's sum, depends on
    /// its position alone and not on how the step was cut.
    /// </summary>
    public static int AlignedStart(KeyRange range) => range.Start / Alignment * Alignment;

    public static int Padded(KeyRange range) => range.Length == 0 ? 0 : (range.End - AlignedStart(range) + Alignment - 1) / Alignment * Alignment;

    public void Begin() => _used = 0;

    public List<AttentionItem> For(AttentionMask mask, List<StepSequence> sequences)
    {
        for (var i = 0; i < _used; i++)
            if (_schedules[i].Mask == mask)
                return _schedules[i].Items;
        if (_used == _schedules.Count)
            _schedules.Add((mask, []));
        var items = _schedules[_used].Items;
        _schedules[_used++] = (mask, items);
        items.Clear();
        for (var s = 0; s < sequences.Count; s++)
        {
            var sequence = sequences[s];
            var end = sequence.ContextLength + sequence.TokenCount;
            for (var start = sequence.ContextLength; start < end; start += MaxRows)
            {
                AttentionPlanner.Plan(mask, start, Math.Min(start + MaxRows, end), end, MaxScores, _chunks);
                foreach (var chunk in _chunks)
                    items.Add(new AttentionItem(s, chunk));
            }
        }

        return items;
    }
}
