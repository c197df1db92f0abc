using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Cli.Models;

/// <summary>Reads AttentionModels and their history, and asks for actions.</summary>
internal sealed class ModelClient(KubeConnection connection, string? ns) : IDisposable
{
    private static readonly ResourceKind Models = new(ApiNames.Group, ApiNames.Version, ApiNames.Plural, ApiNames.Kind);
    private static readonly ResourceKind Revisions = new("apps", "v1", "controllerrevisions", "ControllerRevision");

    private readonly KubeApi api = new(connection, "kubectl-attention");

    public string Namespace { get; } = ns ?? connection.Namespace;

    public async Task<AttentionModel> GetAsync(string name, CancellationToken cancellation) =>
        (await api.GetAsync(Models, new ObjectKey(Namespace, name), cancellation))?.As<AttentionModel>()
        ?? throw new CommandException($"there is no AttentionModel {name} in namespace {Namespace}");

    /// <param name="allNamespaces">Of all namespaces.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<AttentionModel>> ListAsync(bool allNamespaces, CancellationToken cancellation) =>
        [.. await ItemsAsync(Models.CollectionPath(allNamespaces ? "" : Namespace), item => item.Deserialize<AttentionModel>(KubeJson.Options)!, cancellation)];

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<RevisionRecord>> HistoryAsync(AttentionModel model, CancellationToken cancellation)
    {
        var path = $"{Revisions.CollectionPath(Namespace)}?labelSelector={Uri.EscapeDataString($"{LabelNames.Model}={model.Metadata.Name}")}";
        var items = await ItemsAsync(path, item =>
        {
            var metadata = item.GetProperty("metadata");
            return new RevisionRecord(
                metadata.TryGetProperty("labels", out var labels) && labels.TryGetProperty(LabelNames.Revision, out var hash) ? hash.GetString() ?? "" : "",
                item.TryGetProperty("revision", out var number) ? number.GetInt64() : 0,
                metadata.TryGetProperty("creationTimestamp", out var created) && created.TryGetDateTime(out var at) ? at : null,
                item.TryGetProperty("data", out var data) ? data.Clone() : default);
        }, cancellation);
        return [.. items.Where(revision => revision.Hash.Length > 0).OrderBy(revision => revision.Number)];
    }

    /// <summary>Annotates the model with an action; it is carried out once, whatever else is applied meanwhile.</summary>
    public async Task AskAsync(string name, string action, CancellationToken cancellation)
    {
        var patch = JsonSerializer.SerializeToUtf8Bytes(new
        {
            metadata = new { annotations = new Dictionary<string, string> { [AnnotationNames.RolloutAction] = $"{action}@{Guid.NewGuid().ToString("N")[..8]}" } },
        });
        try
        {
            await api.MergePatchAsync(Models, new ObjectKey(Namespace, name), patch, null, cancellation);
        }
        catch (KubeApiException e) when (e.IsNotFound)
        {
            throw new CommandException($"there is no AttentionModel {name} in namespace {Namespace}");
        }
    }

    public void Dispose() => connection.Dispose();

    /// <summary>The items of a list.</summary>
    /// <exception cref="CommandException">The server refused.</exception>
    public async Task<List<T>> ItemsAsync<T>(string path, Func<JsonElement, T> read, CancellationToken cancellation)
    {
        using var response = await connection.SendAsync(HttpMethod.Get, path, null, cancellation);
        var body = await response.Content.ReadAsByteArrayAsync(cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw new CommandException($"the server answered {(int)response.StatusCode} to a list of {path}");
        }

        using var document = JsonDocument.Parse(body);
        return [.. document.RootElement.GetProperty("items").EnumerateArray().Select(read)];
    }
}
