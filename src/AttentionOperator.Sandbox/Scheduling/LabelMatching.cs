using System.Globalization;
using k8s.Models;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>Label selectors and node selectors against labels.</summary>
internal static class LabelMatching
{
    /// <summary>A null selector matches nothing, an empty one everything.</summary>
    public static bool Matches(V1LabelSelector? selector, IDictionary<string, string>? labels) =>
        selector is not null
        && (selector.MatchLabels ?? new Dictionary<string, string>()).All(l => Value(labels, l.Key) == l.Value)
        && (selector.MatchExpressions ?? []).All(e => Matches(e.OperatorProperty, Value(labels, e.Key), e.Values));

    /// <summary>A set of labels that all have to be there; an empty set matches everything.</summary>
    public static bool Matches(IDictionary<string, string>? selector, IDictionary<string, string>? labels) =>
        (selector ?? new Dictionary<string, string>()).All(l => Value(labels, l.Key) == l.Value);

    public static bool Matches(V1NodeSelectorTerm term, V1Node node)
    {
        if (term.MatchExpressions is not { Count: > 0 } && term.MatchFields is not { Count: > 0 })
        {
            return false;
        }

        return (term.MatchExpressions ?? []).All(e => Matches(e.OperatorProperty, Value(node.Metadata.Labels, e.Key), e.Values))
            && (term.MatchFields ?? []).All(e => e.Key == "metadata.name" && Matches(e.OperatorProperty, node.Metadata.Name, e.Values));
    }

    private static bool Matches(string @operator, string? value, IList<string>? values) => @operator switch
    {
        "In" => value is not null && values?.Contains(value) == true,
        "NotIn" => value is null || values?.Contains(value) != true,
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        "Gt" => Compare(value, values) > 0,
        "Lt" => Compare(value, values) < 0,
        _ => false,
    };

    private static int? Compare(string? value, IList<string>? values) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var left)
        && values is [var bound]
        && long.TryParse(bound, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var right)
            ? left.CompareTo(right)
            : null;

    private static string? Value(IDictionary<string, string>? labels, string key) =>
        labels is not null && labels.TryGetValue(key, out var value) ? value : null;
}
