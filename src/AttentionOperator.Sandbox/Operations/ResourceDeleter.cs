using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Admission;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Operations;

/// <summary>Deletes: at once, or by marking an object whose finalizers or grace period still hold it.</summary>
internal sealed class ResourceDeleter(ApiContext api, ResourceWriter writer)
{
    /// <summary>The object's last state, and whether it is gone.</summary>
    public async Task<(JsonObject Object, bool Gone)> DeleteAsync(ResourceDefinition resource, string? ns, string name, DeleteOptions delete, WriteOptions options)
    {
        while (true)
        {
            var previous = api.Store.Find(resource.StorageKey, ns ?? "", name) ?? throw ApiErrors.NotFound(resource, name);
            var live = VersionConversion.FromStorage(resource, previous.Parse());
            CheckPreconditions(resource, name, delete, live);
            var attributes = new AdmissionAttributes
            {
                Resource = resource,
                Operation = "DELETE",
                Namespace = previous.Namespace,
                Name = name,
                OldObject = live,
                Options = options,
            };
            await api.Admission.MutateAsync(attributes).ConfigureAwait(false);
            await api.Admission.ValidateAsync(attributes).ConfigureAwait(false);

            var obj = live.Clone();
            Mark(resource, obj, delete);
            var gone = DeletionRules.IsFinished(resource, obj);
            if (options.DryRun) return (obj, gone);
            var stored = VersionConversion.ToStorage(resource, obj);
            var unchanged = !gone && JsonNode.DeepEquals(obj, live);
            if (unchanged) return (live, false);
            var result = gone
                ? await api.Store.DeleteAsync(resource.StorageKey, previous, gone ? VersionConversion.ToStorage(resource, live) : stored, resource.StoredFields).ConfigureAwait(false)
                : await api.Store.UpdateAsync(resource.StorageKey, previous, stored, resource.StoredFields).ConfigureAwait(false);
            if (result is null) continue;
            await writer.NotifyAsync(resource, gone ? ChangeKind.Deleted : ChangeKind.Modified, result).ConfigureAwait(false);
            return (VersionConversion.FromStorage(resource, result.Parse()), gone);
        }
    }

    private void Mark(ResourceDefinition resource, JsonObject obj, DeleteOptions delete)
    {
        var meta = obj.Meta();
        var grace = DeletionRules.GraceOf(resource, obj, delete.GracePeriodSeconds);
        obj.SetFinalizers(DeletionRules.WithPropagation(resource, obj, delete.PropagationPolicy));
        var now = api.Clock.GetUtcNow();
        if (meta["deletionTimestamp"] is null)
        {
            meta["deletionTimestamp"] = ObjectMeta.Time(now.AddSeconds(grace));
            meta["deletionGracePeriodSeconds"] = grace;
            // Deleting is a change of the desired state.
            if (resource.HasGeneration && meta["generation"].AsInteger() is { } generation) meta["generation"] = generation + 1;
        }
        else if (grace < (meta["deletionGracePeriodSeconds"].AsInteger() ?? 0))
        {
            meta["deletionGracePeriodSeconds"] = grace;
            meta["deletionTimestamp"] = ObjectMeta.Time(now.AddSeconds(grace));
        }

        if (resource.StorageKey == "/namespaces") obj.Ensure("status")["phase"] = "Terminating";
    }

    private static void CheckPreconditions(ResourceDefinition resource, string name, DeleteOptions delete, JsonObject live)
    {
        if (delete.PreconditionUid is { } uid && uid != live.Uid())
        {
            throw ApiErrors.PreconditionFailed(resource, name, $"the UID in the precondition ({uid}) does not match the UID in record ({live.Uid()}). The object might have been deleted and then recreated");
        }

        if (delete.PreconditionResourceVersion is { } version && version != live.ResourceVersion())
        {
            throw ApiErrors.PreconditionFailed(
                resource, name, $"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({live.ResourceVersion()}). The object might have been modified");
        }
    }
}
