using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Authorization;

/// <summary>RBAC: what the stored roles and bindings allow.</summary>
internal sealed class RoleAuthorizer(ObjectStore store, bool enforced)
{
    private const string Prefix = "rbac.authorization.k8s.io/";

    /// <summary>True without RBAC, for the administrator, for what everyone may see, and where a role says so.</summary>
    public bool Allows(RequestUser user, AccessQuestion question)
    {
        if (!enforced || user.IsAdministrator) return true;
        if (question.Path is not null) return question.Verb == "get";
        if (question.Group is "authorization.k8s.io" or "authentication.k8s.io" && question.Resource.StartsWith("selfsubject", StringComparison.Ordinal)) return true;
        return Rules(user, question.Namespace).Any(rule => Covers(rule, question));
    }

    public IEnumerable<JsonObject> Rules(RequestUser user, string ns)
    {
        foreach (var binding in store.Snapshot(Prefix + "clusterrolebindings").Objects(null).Select(b => b.Parse()))
        {
            if (Binds(binding, user, "")) foreach (var rule in RulesOf(binding, "")) yield return rule;
        }

        if (ns.Length == 0) yield break;
        foreach (var binding in store.Snapshot(Prefix + "rolebindings").Objects(ns).Select(b => b.Parse()))
        {
            if (Binds(binding, user, ns)) foreach (var rule in RulesOf(binding, ns)) yield return rule;
        }
    }

    private List<JsonObject> RulesOf(JsonObject binding, string ns)
    {
        var reference = binding.Object("roleRef");
        var name = reference.Text("name") ?? "";
        var role = reference.Text("kind") == "ClusterRole" ? store.Find(Prefix + "clusterroles", "", name) : store.Find(Prefix + "roles", ns, name);
        return role?.Parse().Array("rules").Objects().ToList() ?? [];
    }

    private static bool Binds(JsonObject binding, RequestUser user, string ns) => binding.Array("subjects").Objects().Any(subject => subject.Text("kind") switch
    {
        "User" => subject.Text("name") == user.Name,
        "Group" => user.Groups.Contains(subject.Text("name") ?? ""),
        "ServiceAccount" => user.Name == $"system:serviceaccount:{subject.Text("namespace") ?? ns}:{subject.Text("name")}",
        _ => false,
    });

    private static bool Covers(JsonObject rule, AccessQuestion question) =>
        Has(rule, "verbs", question.Verb)
        && Has(rule, "apiGroups", question.Group)
        && (Has(rule, "resources", question.FullResource) || (question.Subresource.Length > 0 && Has(rule, "resources", $"*/{question.Subresource}", literal: true)))
        && (rule.Array("resourceNames") is not { Count: > 0 } names || names.Any(n => n.AsText() == question.Name));

    private static bool Has(JsonObject rule, string list, string value, bool literal = false) =>
        rule.Array(list)?.Any(v => v.AsText() == value || (!literal && v.AsText() == "*")) == true;
}
