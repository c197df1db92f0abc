using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using k8s.Models;

namespace AttentionOperator.Api.Policies;

/// <summary>Which policies hold for a namespace. Pure.</summary>
public static class PolicySelection
{
    /// <param name="ns">The namespace.</param>
    /// <param name="labels">Its labels; null where they are not known: then only policies without a selector hold.</param>
    /// <param name="policies">Policies of any namespace.</param>
    /// <param name="clusterPolicies">Policies of the cluster.</param>
    /// <returns>The namespace's own first, each group by name: the order in which defaults are looked for.</returns>
    public static IReadOnlyList<NamedPolicy> For(
        string ns, IDictionary<string, string>? labels, IEnumerable<AttentionPolicy> policies, IEnumerable<ClusterAttentionPolicy> clusterPolicies) =>
    [
        .. policies.Where(policy => policy.Metadata.NamespaceProperty == ns)
            .OrderBy(policy => policy.Metadata.Name, StringComparer.Ordinal)
            .Select(policy => new NamedPolicy($"{PolicyNames.Kind} {policy.Metadata.Name}", policy.Spec)),
        .. clusterPolicies.Where(policy => Selects(policy.Spec.NamespaceSelector, labels))
            .OrderBy(policy => policy.Metadata.Name, StringComparer.Ordinal)
            .Select(policy => new NamedPolicy($"{PolicyNames.ClusterKind} {policy.Metadata.Name}", policy.Spec)),
    ];

    /// <summary>Whether a selector selects a namespace; none, and an empty one, select all.</summary>
    public static bool Selects(V1LabelSelector? selector, IDictionary<string, string>? labels) =>
        (selector?.MatchLabels ?? new Dictionary<string, string>()).All(label => Value(labels, label.Key) == label.Value)
        && (selector?.MatchExpressions ?? []).All(requirement => Holds(requirement, Value(labels, requirement.Key)));

    private static bool Holds(V1LabelSelectorRequirement requirement, string? value) => requirement.OperatorProperty switch
    {
        "In" => value is not null && requirement.Values?.Contains(value) == true,
        "NotIn" => value is null || requirement.Values?.Contains(value) != true,
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        _ => false,
    };

    private static string? Value(IDictionary<string, string>? labels, string key) => labels is not null && labels.TryGetValue(key, out var value) ? value : null;
}
