using System.Text.Json.Nodes;

namespace AttentionOperator.Packaging.Access;

/// <summary>One verb on one resource that a role grants, perhaps on some names alone.</summary>
/// <param name="Role">The role.</param>
/// <param name="InNamespace">Granted in one namespace only.</param>
/// <param name="Verb">Verb.</param>
/// <param name="Group">API group.</param>
/// <param name="Resource">Resource, with its subresource.</param>
/// <param name="Names">Names that it is narrowed to; empty: all.</param>
internal sealed record AccessRule(string Role, bool InNamespace, string Verb, string Group, string Resource, IReadOnlyList<string> Names)
{
    public bool Covers(AccessUse use) =>
        use.Verb == Verb && use.Group == Group && use.Resource == Resource && (!InNamespace || use.Namespaced) && (Names.Count == 0 || Names.Contains(use.Name, StringComparer.Ordinal));

    /// <summary>All that the roles among some manifests grant.</summary>
    public static IEnumerable<AccessRule> Of(IEnumerable<JsonNode> manifests) =>
        from manifest in manifests
        where (string?)manifest["kind"] is "Role" or "ClusterRole"
        from rule in manifest["rules"]!.AsArray()
        from @group in Strings(rule!["apiGroups"])
        from resource in Strings(rule!["resources"])
        from verb in Strings(rule!["verbs"])
        select new AccessRule((string)manifest["metadata"]!["name"]!, (string?)manifest["kind"] == "Role", verb, @group, resource, [.. Strings(rule!["resourceNames"])]);

    public override string ToString() => $"{Role}: {Verb} {(Group.Length == 0 ? Resource : $"{Resource}.{Group}")}{(Names.Count == 0 ? "" : $" [{string.Join(", ", Names)}]")}";

    private static IEnumerable<string> Strings(JsonNode? list) => list is JsonArray items ? items.Select(item => (string)item!) : [];
}
