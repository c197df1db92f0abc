namespace AttentionOperator.Api.V1Alpha1;

/// <summary>What a canary step without traffic does.</summary>
public enum NoTrafficPolicy
{
    /// <summary>Wait; a condition says so.</summary>
    Hold,

    /// <summary>Advance when the step's hold time is over.</summary>
    Promote,
}
