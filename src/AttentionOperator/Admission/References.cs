using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Admission;

/// <summary>Objects that a model names and does not make.</summary>
internal static class References
{
    public static readonly ResourceKind Claims = new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim");
    public static readonly ResourceKind Secrets = new("", "v1", "secrets", "Secret");

    public static IEnumerable<Reference> Of(AttentionModelSpec spec)
    {
        if (Claim(spec.Model?.Uri) is { } model)
        {
            yield return new Reference("spec.model.uri", Claims, model);
        }

        if (Claim(spec.Tokenizer?.Uri) is { } tokenizer)
        {
            yield return new Reference("spec.tokenizer.uri", Claims, tokenizer);
        }

        if (spec.Model?.Cache?.ClaimName is { Length: > 0 } cache)
        {
            yield return new Reference("spec.model.cache.claimName", Claims, cache);
        }

        if (spec.Model?.SecretRef?.Name is { Length: > 0 } credentials)
        {
            yield return new Reference("spec.model.secretRef", Secrets, credentials);
        }

        if (spec.Security?.ApiKeysSecretRef?.Name is { Length: > 0 } keys)
        {
            yield return new Reference("spec.security.apiKeysSecretRef", Secrets, keys);
        }

        foreach (var secret in spec.Runtime?.ImagePullSecrets ?? [])
        {
            if (secret?.Name is { Length: > 0 } name)
            {
                yield return new Reference("spec.runtime.imagePullSecrets", Secrets, name);
            }
        }
    }

    private static string? Claim(string? uri) => ArtifactUri.TryParse(uri, out var parsed, out _) && parsed!.Scheme == ArtifactScheme.Pvc ? parsed.Claim : null;
}
