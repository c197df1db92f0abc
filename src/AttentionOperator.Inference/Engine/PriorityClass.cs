namespace AttentionOperator.Inference.Engine;

/// <summary>Priority classes, most urgent first.</summary>
public enum PriorityClass
{
    Interactive,
    Standard,
    Batch,
}
