namespace AttentionOperator.Tokenization;

/// <summary>Result of encoding.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="TypeIds">Segment ids (0 or 1), same length.</param>
/// <param name="Offsets">Start and end in UTF-16 code units of the original text (of the second text where the type id says so); (0,0) for special tokens that the template added.</param>
public sealed record TokenizedText(int[] Ids, int[] TypeIds, (int Start, int End)[] Offsets)
{
    /// <summary>0 or 1 for the text that a token came from, -1 for tokens that the template added; same length as the ids.</summary>
    public IReadOnlyList<int> Sequences { get; init; } = [];
}
