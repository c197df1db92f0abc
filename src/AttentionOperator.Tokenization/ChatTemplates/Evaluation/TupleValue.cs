namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>A list that prints with parentheses.</summary>
internal sealed class TupleValue : List<object?>
{
    public TupleValue(IEnumerable<object?> items)
        : base(items)
    {
    }
}
