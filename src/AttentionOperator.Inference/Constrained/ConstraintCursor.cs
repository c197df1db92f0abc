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

    public bool Permits(int id, ReadOnlySpan<int> stopIds) => (state.Accepting && stopIds.Contains(id)) || After(id) is not null;

    public bool Advance(int id)
    {
        if (After(id) is not { } next) return false;
        state = next;
        return true;
    }

    private GrammarAutomaton.AutomatonState? After(int id)
    {
        // Like the mask: special tokens and tokens without bytes are never part of an answer.
        if (tokenizer.IsSpecial(id) || tokenizer.BytesOf(id) is not { Length: > 0 } bytes) return null;
        var next = state;
        foreach (var value in bytes)
        {
            if (automaton.Next(next, value) is not { } reached) return null;
            next = reached;
        }

        return next;
    }
}
