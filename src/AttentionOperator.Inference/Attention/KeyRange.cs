namespace AttentionOperator.Inference.Attention;

/// <summary>Positions [Start, End).</summary>
public readonly record struct KeyRange(int Start, int End)
{
    public int Length => End - Start;
}
