using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers;

/// <summary>
/// Finds selectors for labels, and labels for selectors, without looking at all of a namespace: a selector is filed under one of its pairs, the one
/// with the longest value, which is the most telling one in practice; an object is filed under all of its labels.
/// </summary>
internal static class SelectorIndex
{
    public const string Name = "selector";

    public static IEnumerable<string> OfLabels(V1ObjectMeta metadata) =>
        (metadata.Labels ?? new Dictionary<string, string>()).Select(l => Entry(metadata.NamespaceProperty, l.Key, l.Value)).Append(Any(metadata.NamespaceProperty));

    public static IEnumerable<string> OfSelector(string @namespace, IDictionary<string, string>? selector) => [Lookup(@namespace, selector)];

    /// <summary>The one entry under which everything that the selector matches is found.</summary>
    public static string Lookup(string @namespace, IDictionary<string, string>? selector) =>
        selector is { Count: > 0 }
            ? selector.OrderByDescending(s => s.Value.Length).ThenBy(s => s.Key, StringComparer.Ordinal).Select(s => Entry(@namespace, s.Key, s.Value)).First()
            : Any(@namespace);

    private static string Entry(string @namespace, string key, string value) => $"{@namespace}/{key}={value}";

    private static string Any(string @namespace) => $"{@namespace}/";
}
