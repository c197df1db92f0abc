using AttentionOperator.Tokenization;

namespace AttentionOperator.Inference.Constrained;

/// <summary>How far one answer has come in the automaton of its schema.</summary>
internal sealed class ConstraintCursor(GrammarAutomaton automaton, ITokenizer tokenizer) : ITokenConstraint
{
    private readonly ulong[] withStops = new ulong[automaton.VocabularyWords];
    private GrammarAutomaton.AutomatonState state = automaton.Start;

    public bool Complete => state.Complete;

    /// <summary>The answer may end here.</summary>
    public bool Accepting => state.Accepting;

    public ReadOnlySpan<ulong> Allowed(ReadOnlySpan<int> stopIds)
    {
        var mask = automaton.Mask(state);
        if (!state.Accepting || stopIds.IsEmpty) return mask;
        mask.CopyTo(withStops);
        foreach (var id in stopIds)
            if ((uint)id >> 6 < (uint)withStops.Length) withStops[id >> 6] |= 1UL << (id & 63);
        return withStops;
    }

    public bool Advance(int id)
    {
        var next = state;
        if (tokenizer.IsSpecial(id)) return false;
        foreach (var value in tokenizer.BytesOf(id))
        {
            if (automaton.Next(next, value) is not { } reached) return false;
            next = reached;
        }

        state = next;
        return true;
    }
}
