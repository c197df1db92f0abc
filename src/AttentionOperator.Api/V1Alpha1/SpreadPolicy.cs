namespace AttentionOperator.Api.V1Alpha1;

/// <summary>How strictly replicas are spread over a topology.</summary>
public enum SpreadPolicy
{
    /// <summary>Where there is a choice.</summary>
    Preferred,

    /// <summary>A replica that would make it uneven by more than one is not scheduled.</summary>
    Required,

    /// <summary>Not at all.</summary>
    None,
}
