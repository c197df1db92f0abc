using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;

namespace AttentionOperator.Sandbox.Patch;

/// <summary>
/// Server-side apply: the configuration is merged into the live object, fields that its manager applied before and names no longer
/// are removed unless someone else owns them, and a change of a field that another manager owns is a conflict unless it is forced.
/// </summary>
internal static class ApplyPatch
{
    public static JsonObject Merge(ResourceDefinition resource, JsonObject live, JsonObject config, WriteOptions options, string subresource, DateTimeOffset now)
    {
        if (config.ResourceVersion() is { Length: > 0 } version && version != live.ResourceVersion())
            throw ApiErrors.Conflict(resource, live.Name()!);
        if (config.Uid() is { Length: > 0 } uid && uid != live.Uid())
            throw ApiErrors.OtherObject(resource, live.Name()!, uid, live.Namespace(), live.Uid());
        var scoped = Scoped(resource, config, subresource);
        var entries = WithFirstApply(resource, live, ManagedFields.Read(live));
        var applied = FieldSetBuilder.Of(scoped, resource.Schema);
        FieldOwnership.Strip(applied, resource, subresource);
        bool IsMine(ManagedFields e) => e.Is(options.FieldManager, "Apply", resource.ApiVersion, subresource);
        var mine = entries.Find(IsMine);
        var others = entries.Where(e => !IsMine(e)).ToList();

        var merged = ApplyMerge.Merge(live, scoped, resource.Schema);
        if (mine is not null) FieldRemoval.RemoveAbandoned(merged, resource.Schema, mine.Fields, applied, others.Select(o => o.Fields));
        var difference = FieldComparison.Of(live, merged, resource.Schema);
        FieldOwnership.Strip(difference.Changed, resource, subresource);

        var result = new List<ManagedFields>();
        var conflicts = new List<(ManagedFields Manager, FieldSet Fields)>();
        foreach (var other in others)
        {
            var fields = other.Fields.Clone();
            fields.Remove(difference.Removed);
            var conflict = fields.Intersect(difference.Changed);
            if (!conflict.IsEmpty) conflicts.Add((other, conflict));
            fields.Remove(conflict);
            result.Add(other with { Fields = fields });
        }

        if (conflicts.Count > 0 && !options.Force) throw Conflict(conflicts);
        var unchanged = mine is not null && mine.Fields.SameAs(applied) && difference.Changed.IsEmpty && difference.Removed.IsEmpty;
        // What changed nothing keeps its place, so that managers who apply the same in turns do not make new versions.
        result.Insert(
            unchanged ? entries.FindIndex(IsMine) : result.Count,
            new ManagedFields(options.FieldManager, "Apply", resource.ApiVersion, subresource, unchanged ? mine!.Time : ObjectMeta.Time(now), applied));
        ManagedFields.Write(merged, result);
        return merged;
    }

    private static JsonObject Scoped(ResourceDefinition resource, JsonObject config, string subresource)
    {
        var scoped = config.Clone();
        foreach (var name in (string[])["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink", "deletionTimestamp"]) scoped.Meta().Remove(name);
        if (subresource.Length == 0 && resource.HasStatus) scoped.Remove("status");
        if (subresource == "status")
        {
            foreach (var name in scoped.Select(m => m.Key).Where(n => n is not ("status" or "apiVersion" or "kind" or "metadata")).ToList()) scoped.Remove(name);
        }

        return scoped;
    }

    /// <summary>An object without any record belongs to whoever wrote it before the first apply.</summary>
    private static List<ManagedFields> WithFirstApply(ResourceDefinition resource, JsonObject live, List<ManagedFields> entries)
    {
        if (entries.Count > 0) return entries;
        var fields = FieldComparison.Of([], live, resource.Schema).Changed;
        FieldOwnership.Strip(fields, resource, "");
        return [new ManagedFields("before-first-apply", "Update", resource.ApiVersion, "", null, fields)];
    }

    private static ApiException Conflict(List<(ManagedFields Manager, FieldSet Fields)> conflicts)
    {
        var all = conflicts.SelectMany(c => c.Fields.Paths().Select(p => (Manager: c.Manager.Show(), Path: p))).ToList();
        var shown = all.Count == 1
            ? $"conflict with {all[0].Manager}: {all[0].Path}"
            : string.Join("\n", all.GroupBy(c => c.Manager).OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => $"conflicts with {g.Key}:\n{string.Join("\n", g.Select(c => $"- {c.Path}"))}"));
        var causes = all.Select(c => (JsonNode)new JsonObject { ["reason"] = "FieldManagerConflict", ["message"] = $"conflict with {c.Manager}", ["field"] = c.Path }).ToArray();
        var message = $"Apply failed with {all.Count} conflict{(all.Count == 1 ? "" : "s")}: {shown}";
        return new ApiException(409, "Conflict", message, new JsonObject { ["causes"] = new JsonArray(causes) });
    }
}
