namespace AttentionOperator.Api.V1Alpha1;

/// <summary>How the answers to a golden set are scored.</summary>
public enum EvaluationMetric
{
    /// <summary>Share of answers equal to the expected one.</summary>
    ExactMatch,

    /// <summary>Mean token F1.</summary>
    F1,

    /// <summary>Mean ROUGE-L.</summary>
    RougeL,

    /// <summary>Perplexity of the expected answers; lower is better.</summary>
    Perplexity,

    /// <summary>Mean cosine of the embeddings to those of the stable revision.</summary>
    Cosine,
}
