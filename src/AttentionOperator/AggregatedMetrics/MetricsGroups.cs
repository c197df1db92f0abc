using AttentionOperator.Kube.Objects;

namespace AttentionOperator.AggregatedMetrics;

/// <summary>The API groups that are served, with their versions, the preferred one first.</summary>
internal static class MetricsGroups
{
    public const string External = "external.metrics.k8s.io";
    public const string Custom = "custom.metrics.k8s.io";
    public const string ExternalVersion = "v1beta1";
    public const string CustomVersion = "v1beta2";
    public const string OldCustomVersion = "v1beta1";

    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> Versions = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
    {
        [External] = [ExternalVersion],
        [Custom] = [CustomVersion, OldCustomVersion],
    };

    public static readonly ResourceKind ApiServices = new("apiregistration.k8s.io", "v1", "apiservices", "APIService", Namespaced: false);

    /// <summary>Names of the APIServices that may lead here; those that are installed and do are kept working.</summary>
    public static IEnumerable<string> ApiServiceNames => Versions.SelectMany(group => group.Value.Select(version => $"{version}.{group.Key}"));
}
