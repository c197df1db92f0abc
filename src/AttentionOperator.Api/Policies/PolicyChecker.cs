using System.Text.RegularExpressions;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Validation;

namespace AttentionOperator.Api.Policies;

/// <summary>
/// What policies forbid of one model's spec, whatever else runs. A pure function, for admission and for every plan; what the models of a namespace may use together is
/// <see cref="CeilingAllocation"/>'s.
/// </summary>
public static class PolicyChecker
{
    public static IReadOnlyList<FieldError> Check(AttentionModelSpec spec, IReadOnlyList<NamedPolicy> policies)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(policies);
        var errors = new List<FieldError>();
        foreach (var policy in policies)
        {
            CheckSource(errors, policy, "spec.model.uri", spec.Model.Uri);
            CheckSource(errors, policy, "spec.tokenizer.uri", spec.Tokenizer?.Uri);
            CheckDigests(errors, policy, spec);
            if (spec.Runtime.Image is { } image && policy.Spec.AllowedRuntimes is { } allowed && !allowed.Any(pattern => Matches(pattern, image)))
            {
                errors.Add(new FieldError("spec.runtime.image", $"'{image}' is not allowed by {policy.Source} (allowed: {List(allowed)}); use one of them, or leave it out"));
            }

            CheckCaps(errors, policy, spec);
        }

        return errors;
    }

    private static void CheckSource(List<FieldError> errors, NamedPolicy policy, string field, string? uri)
    {
        if (!string.IsNullOrEmpty(uri) && policy.Spec.AllowedSources is { } allowed && !allowed.Any(source => IsWithin(uri, source)))
        {
            errors.Add(new FieldError(field, $"'{uri}' is not allowed by {policy.Source} (allowed: {List(allowed)}); use one of them"));
        }
    }

    private static void CheckDigests(List<FieldError> errors, NamedPolicy policy, AttentionModelSpec spec)
    {
        if (!policy.Spec.RequireDigest)
        {
            return;
        }

        if (spec.Model.Digest is null)
        {
            errors.Add(new FieldError("spec.model.digest", $"is required by {policy.Source}; set it to sha256: and the digest of the model's files"));
        }

        if (spec.Tokenizer is { Uri: not null, Digest: null })
        {
            errors.Add(new FieldError("spec.tokenizer.digest", $"is required by {policy.Source}; set it to the tokenizer's digest"));
        }
    }

    private static void CheckCaps(List<FieldError> errors, NamedPolicy policy, AttentionModelSpec spec)
    {
        if (policy.Spec.Caps is not { } caps)
        {
            return;
        }

        Check("spec.limits.maxInputTokens", spec.Limits.MaxInputTokens, caps.MaxInputTokens);
        Check("spec.limits.maxOutputTokens", spec.Limits.MaxOutputTokens, caps.MaxOutputTokens);
        Check("spec.limits.maxBatchTokens", spec.Limits.MaxBatchTokens, caps.MaxBatchTokens);
        Check("spec.scaling.maxReplicas", spec.Scaling?.MaxReplicas, caps.MaxReplicas);
        Check("spec.replicas", spec.Replicas, caps.MaxReplicas);
        Check("spec.resources.accelerator.count", spec.Resources.Accelerator?.Count ?? 0, caps.MaxAcceleratorsPerReplica);

        void Check(string field, int? value, int? most)
        {
            if (value > most)
            {
                errors.Add(new FieldError(field, $"{value} exceeds the {most} that {policy.Source} allows; lower it"));
            }
        }
    }

    // A prefix ends where a part of the path does: pvc://models is not pvc://models-of-others.
    private static bool IsWithin(string uri, string source) =>
        uri.StartsWith(source, StringComparison.Ordinal)
        && (uri.Length == source.Length || source.EndsWith('/') || uri[source.Length] == '/' || (uri[source.Length] is '@' or ':' && IsVersioned(source)))
        && !uri.Split('/').Contains("..");

    // hf://org/model is each of its revisions, oci://host/model each of its tags and digests; a host's name is not each of its ports.
    private static bool IsVersioned(string source) =>
        source.StartsWith("hf://", StringComparison.Ordinal) || (source.StartsWith("oci://", StringComparison.Ordinal) && source.IndexOf('/', "oci://".Length) >= 0);

    private static bool Matches(string pattern, string image) =>
        Regex.IsMatch(image, @"\A" + Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal) + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    private static string List(IReadOnlyList<string> values) => values.Count == 0 ? "none" : string.Join(", ", values);
}
