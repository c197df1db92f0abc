using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;

namespace AttentionOperator.Sandbox.Storage;

/// <summary>
/// The API's operations inside the process, for the Sandbox's own controllers and for tests: the same rules as over HTTP
/// (defaulting, validation, admission, versions), errors as <see cref="ApiException"/>.
/// <c>resource</c> is the plural name with its group and version, as in a path: <c>v1/pods</c>, <c>apps/v1/deployments</c>.
/// </summary>
public interface IResourceStore
{
    /// <summary>The object, or null.</summary>
    JsonObject? Find(string resource, string? ns, string name);

    /// <summary>All objects, of one namespace or of all, with an optional label selector; and the version of the list.</summary>
    (IReadOnlyList<JsonObject> Items, string ResourceVersion) List(string resource, string? ns = null, string? labelSelector = null);

    /// <summary>Changes after a version, or without one all objects first (as ADDED) and then the changes. Ends when the watch is dropped; throws 410 when the version is forgotten.</summary>
    IAsyncEnumerable<ResourceChange> WatchAsync(string resource, string? ns = null, string? resourceVersion = null, CancellationToken cancellation = default);

    Task<JsonObject> CreateAsync(string resource, string? ns, JsonObject obj, WriteOptions? options = null);

    /// <summary>Replaces the object, or the part that a subresource (<c>status</c>, <c>finalize</c>) covers.</summary>
    Task<JsonObject> UpdateAsync(string resource, string? ns, string name, JsonObject obj, string subresource = "", WriteOptions? options = null);

    /// <summary>Reads, changes and writes until no other writer came between. Null from <paramref name="change"/> leaves the object alone.</summary>
    Task<JsonObject> ModifyAsync(string resource, string? ns, string name, Func<JsonObject, JsonObject?> change, string subresource = "", WriteOptions? options = null);

    Task DeleteAsync(string resource, string? ns, string name, DeleteOptions? delete = null, WriteOptions? options = null);
}
