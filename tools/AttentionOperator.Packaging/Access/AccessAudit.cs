namespace AttentionOperator.Packaging.Access;

/// <summary>Compares what a program used with what its roles grant.</summary>
/// <param name="Missing">Uses that no rule covers.</param>
/// <param name="Unused">Rules that no use needed.</param>
internal sealed record AccessAudit(IReadOnlyList<AccessUse> Missing, IReadOnlyList<AccessRule> Unused)
{
    /// <summary>Rules that are needed although the program itself never asks for them, and why.</summary>
    private static readonly Dictionary<(string Verb, string Resource), string> NeededByOthers = new()
    {
        [("update", "attentionmodels/finalizers")] = "the admission plugin OwnerReferencesPermissionEnforcement asks for it when an owner reference blocks deletion",
    };

    public static AccessAudit Of(IReadOnlyCollection<AccessUse> uses, IReadOnlyCollection<AccessRule> rules) => new(
        [.. uses.Where(use => !rules.Any(rule => rule.Covers(use))).Distinct()],
        [.. rules.Where(rule => !NeededByOthers.ContainsKey((rule.Verb, rule.Resource)) && !uses.Any(use => rule.Covers(use) || IsFallback(rule, use)))]);

    // Informers list by a watch that begins with all objects; servers that do not stream lists are asked for pages.
    private static bool IsFallback(AccessRule rule, AccessUse use) => rule.Verb == "list" && use.Verb == "watch" && (rule with { Verb = "watch" }).Covers(use);
}
