namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Who decides the number of replicas.</summary>
public enum ScalingMode
{
    /// <summary>A HorizontalPodAutoscaler on external metrics.</summary>
    Hpa,

    /// <summary>The operator's own autoscaler.</summary>
    Operator,
}
