using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;
using AttentionOperator.Sandbox.Schema;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Discovery;

/// <summary>Serves what CustomResourceDefinitions define: accepts names, establishes, keeps the registry current, cleans up.</summary>
internal sealed class CustomResources(ApiServices services) : ICommitObserver
{
    private const string Table = "apiextensions.k8s.io/customresourcedefinitions";
    private const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    private ResourceDefinition Definitions => services.Context.Registry.Find("apiextensions.k8s.io", "v1", "customresourcedefinitions")!;

    /// <summary>Registers the stored definitions at start.</summary>
    public Task RestoreAsync()
    {
        foreach (var stored in services.Context.Store.Snapshot(Table).Objects(null)) Register(stored.Parse());
        return Task.CompletedTask;
    }

    public async Task CommittedAsync(ResourceDefinition resource, ChangeKind kind, StoredObject stored)
    {
        if (resource.StorageKey == Table)
        {
            var definition = stored.Parse();
            if (kind == ChangeKind.Deleted) Unregister(definition);
            else if (definition.DeletionTimestamp() is not null) await CleanUpAsync(definition).ConfigureAwait(false);
            else await EstablishAsync(definition).ConfigureAwait(false);
        }
        else if (resource.IsCustom && kind == ChangeKind.Deleted)
        {
            await FinishCleanUpAsync($"{resource.Plural}.{resource.Group}").ConfigureAwait(false);
        }
    }

    private async Task EstablishAsync(JsonObject definition)
    {
        Register(definition);
        var storage = definition.At("spec", "versions").Versions().FirstOrDefault(v => v.Flag("storage") == true).Text("name");
        var wanted = new Func<JsonObject, JsonObject>(live => WithAcceptedStatus(live, storage, services.Context.Clock.GetUtcNow()));
        if (JsonNode.DeepEquals(wanted(definition.Clone())["status"], definition["status"])) return;
        await services.Writer.ChangeAsync(Definitions, null, definition.Name()!, "status", wanted, WriteOptions.Default with { FieldManager = "kube-apiserver" }, applying: false).ConfigureAwait(false);
    }

    private static JsonObject WithAcceptedStatus(JsonObject live, string? storage, DateTimeOffset now)
    {
        var status = live.Ensure("status");
        status["acceptedNames"] = live.At("spec", "names")?.DeepClone();
        var stored = status.Array("storedVersions") ?? [];
        if (storage is not null && !stored.Any(v => v.AsText() == storage)) stored.Add(storage);
        status["storedVersions"] = stored.DeepClone();
        var conditions = status.Array("conditions") ?? [];
        AddCondition(conditions, "NamesAccepted", "NoConflicts", "no conflicts found", now);
        AddCondition(conditions, "Established", "InitialNamesAccepted", "the initial names have been accepted", now);
        status["conditions"] = conditions.DeepClone();
        return live;
    }

    private static void AddCondition(JsonArray conditions, string type, string reason, string message, DateTimeOffset now)
    {
        if (conditions.Objects().Any(c => c.Text("type") == type && c.Text("status") == "True")) return;
        conditions.Add(new JsonObject
        {
            ["type"] = type,
            ["status"] = "True",
            ["lastTransitionTime"] = ObjectMeta.Time(now),
            ["reason"] = reason,
            ["message"] = message,
        });
    }

    private void Register(JsonObject definition)
    {
        var group = definition.At("spec", "group").AsText() ?? "";
        var names = definition.At("spec", "names") as JsonObject;
        var plural = names.Text("plural") ?? "";
        var versions = definition.At("spec", "versions").Versions().Where(v => v.Flag("served") == true).ToList();
        services.Context.Registry.Remove(group, plural, keep => versions.Any(v => v.Text("name") == keep));
        foreach (var version in versions) services.Context.Registry.Add(CustomResourceReader.Read(definition, version));
    }

    private void Unregister(JsonObject definition)
    {
        var group = definition.At("spec", "group").AsText() ?? "";
        var plural = definition.At("spec", "names").Text("plural") ?? "";
        services.Context.Registry.Remove(group, plural);
        services.Context.Store.EndWatches($"{group}/{plural}");
    }

    private async Task CleanUpAsync(JsonObject definition)
    {
        if (!definition.Finalizers().Contains(CleanupFinalizer)) return;
        var group = definition.At("spec", "group").AsText() ?? "";
        var plural = definition.At("spec", "names").Text("plural") ?? "";
        var resource = services.Context.Registry.FindAnyVersion(group, plural);
        if (resource is not null)
        {
            foreach (var item in services.Context.Store.Snapshot(resource.StorageKey).Objects(null).ToList())
            {
                try
                {
                    await services.Deleter.DeleteAsync(resource, resource.Namespaced ? item.Namespace : null, item.Name, new DeleteOptions(), WriteOptions.Default).ConfigureAwait(false);
                }
                catch (ApiException e) when (e.Code == 404)
                {
                    // Gone already.
                }
            }
        }

        await FinishCleanUpAsync(definition.Name()!).ConfigureAwait(false);
    }

    /// <summary>Lets a terminating definition go once no object of its kind is left.</summary>
    private async Task FinishCleanUpAsync(string name)
    {
        if (services.Context.Store.Find(Table, "", name)?.Parse() is not { } definition) return;
        if (definition.DeletionTimestamp() is null || !definition.Finalizers().Contains(CleanupFinalizer)) return;
        var key = $"{definition.At("spec", "group").AsText()}/{definition.At("spec", "names").Text("plural")}";
        if (services.Context.Store.Snapshot(key).Count > 0) return;
        try
        {
            await services.Writer.ChangeAsync(Definitions, null, name, "", live =>
            {
                live.SetFinalizers(live.Finalizers().Where(f => f != CleanupFinalizer));
                return live;
            }, WriteOptions.Default with { FieldManager = "kube-apiserver" }, applying: false).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.Code == 404)
        {
            // The last object and the definition raced; either way both are gone.
        }
    }
}
