namespace AttentionOperator.Tokenization.PreTokenizers;

internal sealed class SequencePreTokenizer(IReadOnlyList<IPreTokenizer> steps) : IPreTokenizer
{
    public bool KeepsEverything => steps.All(s => s.KeepsEverything);

    public string Prefix => string.Concat(steps.Select(s => s.Prefix));

    public bool IsByteLevel => steps.Any(s => s.IsByteLevel);

    public IReadOnlyList<IPreTokenizer> Steps => steps;

    public bool NeedsAlignment => steps.Any(s => s.NeedsAlignment);

    public void Apply(PreTokenizedText text)
    {
        foreach (var step in steps)
            step.Apply(text);
    }
}
