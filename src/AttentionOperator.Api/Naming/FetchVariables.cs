using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Api.Naming;

/// <summary>Environment that a fetch reads, by the kind of its source: entries of the Secret that <c>model.secretRef</c> names.</summary>
public static class FetchVariables
{
    /// <summary>Those that are secret themselves: they have no place in a spec.</summary>
    public static IReadOnlyList<string> Credentials { get; } = ["HF_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "ATTENTION_FETCH_AUTHORIZATION"];

    public static IReadOnlyList<string> Of(ArtifactScheme scheme) => scheme switch
    {
        ArtifactScheme.Hub => ["HF_TOKEN", "HF_ENDPOINT"],
        ArtifactScheme.S3 => ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_ENDPOINT_URL"],
        ArtifactScheme.Https => ["ATTENTION_FETCH_AUTHORIZATION"],
        _ => [],
    };
}
