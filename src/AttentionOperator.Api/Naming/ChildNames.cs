using System.Security.Cryptography;
using System.Text;

namespace AttentionOperator.Api.Naming;

/// <summary>
/// Names of the objects that belong to an AttentionModel. They are functions of the model's name (and the revision) alone, so that
/// a stale cache or a restart finds the same objects again, and they are valid names of Services: lower-case letters, digits and
/// dashes, a letter first, at most 63 characters.
/// </summary>
public static class ChildNames
{
    private const int MaxLength = 63;
    private const int DigestLength = 6;
    private const string ScalingSuffix = "-scaling";

    /// <summary>ServiceAccount of all revisions.</summary>
    public static string ServiceAccount(string model) => Fit(model, MaxLength);

    /// <summary>HorizontalPodAutoscaler.</summary>
    public static string Autoscaler(string model) => Fit(model, MaxLength);

    /// <summary>ConfigMap with the rules for metrics adapters over Prometheus: <c>model-scaling</c>.</summary>
    public static string ScalingRules(string model) => $"{Fit(model, MaxLength - ScalingSuffix.Length)}{ScalingSuffix}";

    /// <summary>Deployment, Service, ConfigMap and ControllerRevision of one revision: <c>model-revision</c>.</summary>
    public static string Revision(string model, string revision)
    {
        ArgumentNullException.ThrowIfNull(revision);
        return $"{Fit(model, MaxLength - 1 - revision.Length)}-{revision}";
    }

    /// <summary>Deployment of the part of a revision that may run on spot nodes: <c>model-revision-spot</c>.</summary>
    public static string SpotRevision(string model, string revision)
    {
        ArgumentNullException.ThrowIfNull(revision);
        const string Suffix = "-spot";
        return $"{Fit(model, MaxLength - 1 - revision.Length - Suffix.Length)}-{revision}{Suffix}";
    }

    /// <summary>Job of one run of the evaluation before traffic. A rollout that begins again has other names, so that no old result is taken for a new one.</summary>
    public static string Evaluation(string model, string revision, DateTime rollout, int attempt)
    {
        var suffix = $"-{revision}-e{new DateTimeOffset(rollout, TimeSpan.Zero).ToUnixTimeSeconds():x}-{attempt}";
        return Fit(model, MaxLength - suffix.Length) + suffix;
    }

    private static string Fit(string model, int length)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        var plain = model.Replace('.', '-');
        if (!char.IsAsciiLetterLower(plain[0]))
        {
            plain = "m-" + plain;
        }

        if (plain == model && plain.Length <= length)
        {
            return plain;
        }

        // What was changed or cut could collide with another model's name; a digest of the full name keeps them apart.
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(model)))[..DigestLength];
        var kept = Math.Min(plain.Length, length - 1 - DigestLength);
        return $"{plain[..kept].TrimEnd('-')}-{digest}";
    }
}
