namespace AttentionOperator.Inference.Constrained;

/// <summary>Which tokens may come next in one answer. Used by the engine's thread alone.</summary>
internal interface ITokenConstraint
{
    /// <summary>Nothing can be added any more: the answer is complete.</summary>
    bool Complete { get; }

    /// <summary>Bit per id; <paramref name="stopIds"/> are among them where the answer may end here.</summary>
    ReadOnlySpan<ulong> Allowed(ReadOnlySpan<int> stopIds);

    /// <summary>Whether <see cref="Allowed"/> has the token; much cheaper than the first mask of a state.</summary>
    bool Permits(int id, ReadOnlySpan<int> stopIds);

    /// <summary>Takes a token; false where it is not allowed.</summary>
    bool Advance(int id);
}
