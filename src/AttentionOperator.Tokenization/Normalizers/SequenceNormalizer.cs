using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Normalizers;

internal sealed class SequenceNormalizer(IReadOnlyList<INormalizer> steps) : INormalizer
{
    public LengthBound? Bound(Func<string, int> cost)
    {
        var bound = LengthBound.Unchanged;
        for (var i = 0; i < steps.Count; i++)
        {
            // The bound of a Unicode form is one of bytes, which later text need not keep to.
            if (steps[i].Bound(cost) is not { } next || (i > 0 && steps[i] is UnicodeFormNormalizer))
                return null;
            bound = bound.Then(next);
        }
        return bound;
    }

    public AlignedText Normalize(AlignedText text)
    {
        foreach (var step in steps)
            text = step.Normalize(text);
        return text;
    }
}
