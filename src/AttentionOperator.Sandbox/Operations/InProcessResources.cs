using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Operations;

/// <summary><see cref="IResourceStore"/> over the same operations that HTTP uses.</summary>
internal sealed class InProcessResources(ApiServices services) : IResourceStore
{
    public JsonObject? Find(string resource, string? ns, string name)
    {
        var definition = Resolve(resource);
        var found = services.Context.Store.Find(definition.StorageKey, ns ?? "", name);
        return found is null ? null : VersionConversion.FromStorage(definition, found.Parse());
    }

    public (IReadOnlyList<JsonObject> Items, string ResourceVersion) List(string resource, string? ns = null, string? labelSelector = null)
    {
        var definition = Resolve(resource);
        var page = services.Reader.List(definition, ns, new ListQuery(Selectors.Parse(definition, labelSelector, null)));
        return ([.. page.Items.Select(i => VersionConversion.FromStorage(definition, i.Parse()))], page.Version.ToString(CultureInfo.InvariantCulture));
    }

    public async IAsyncEnumerable<ResourceChange> WatchAsync(string resource, string? ns = null, string? resourceVersion = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var definition = Resolve(resource);
        var store = services.Context.Store;
        var since = ResourceReader.ParseVersion(resourceVersion);
        var start = store.Watch(definition.StorageKey, since is 0 ? null : since)
            ?? throw ApiErrors.Expired($"too old resource version: {resourceVersion} ({store.CompactedVersion(definition.StorageKey)})");
        try
        {
            if (since is null or 0)
            {
                foreach (var existing in start.Snapshot.Objects(ns)) yield return Change(definition, "ADDED", existing);
            }

            await foreach (var record in start.Subscription.Records.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                if (ns is null || record.Object.Namespace == ns) yield return Change(definition, record.Kind.ToString().ToUpperInvariant(), record.Object);
            }
        }
        finally
        {
            store.Unwatch(definition.StorageKey, start.Subscription);
        }
    }

    public Task<JsonObject> CreateAsync(string resource, string? ns, JsonObject obj, WriteOptions? options = null) =>
        services.Writer.CreateAsync(Resolve(resource), ns, obj, options ?? WriteOptions.Default);

    public Task<JsonObject> UpdateAsync(string resource, string? ns, string name, JsonObject obj, string subresource = "", WriteOptions? options = null) =>
        services.Writer.UpdateAsync(Resolve(resource), ns, name, subresource, obj, options ?? WriteOptions.Default);

    public Task<JsonObject> ModifyAsync(string resource, string? ns, string name, Func<JsonObject, JsonObject?> change, string subresource = "", WriteOptions? options = null) =>
        services.Writer.ChangeAsync(Resolve(resource), ns, name, subresource, live => change(live.DeepClone().AsObject()) ?? live, options ?? WriteOptions.Default, applying: false);

    public Task DeleteAsync(string resource, string? ns, string name, DeleteOptions? delete = null, WriteOptions? options = null) =>
        services.Deleter.DeleteAsync(Resolve(resource), ns, name, delete ?? new DeleteOptions(), options ?? WriteOptions.Default);

    private static ResourceChange Change(ResourceDefinition definition, string type, StoredObject stored) =>
        new(type, VersionConversion.FromStorage(definition, stored.Parse()));

    private ResourceDefinition Resolve(string resource)
    {
        var found = resource.Split('/') switch
        {
            [var version, var plural] => services.Context.Registry.Find("", version, plural),
            [var group, var version, var plural] => services.Context.Registry.Find(group, version, plural),
            _ => null,
        };
        return found ?? throw ApiErrors.PathNotFound();
    }
}
