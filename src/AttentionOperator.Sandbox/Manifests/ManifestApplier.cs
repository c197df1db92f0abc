using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Sandbox.Controllers.Autoscaling;

namespace AttentionOperator.Sandbox.Manifests;

/// <summary>Applies manifests server-side: name spaces and definitions first, and what is refused because something else is not there yet again after a moment.</summary>
internal sealed class ManifestApplier(KubeConnection connection, KubeApi api, TimeProvider time)
{
    private const string FieldManager = "attention-sandbox-apply";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);
    private readonly ScaleClient _kinds = new(connection, api);

    /// <summary>Applies files and directories together, whatever the order in which they are named.</summary>
    /// <returns>What was applied: <c>Deployment default/web</c>.</returns>
    public async Task<IReadOnlyList<string>> ApplyAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        var applied = new List<string>();
        foreach (var document in paths.SelectMany(ManifestReader.Read).OrderBy(ManifestOrder.Of))
        {
            applied.Add(await ApplyPatientlyAsync(document, cancellationToken).ConfigureAwait(false));
        }

        return applied;
    }

    private async Task<string> ApplyPatientlyAsync(JsonObject document, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await ApplyOnceAsync(document, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsTemporary(exception) && time.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<string> ApplyOnceAsync(JsonObject document, CancellationToken cancellationToken)
    {
        var kind = await _kinds.KindAsync(Text(document, "apiVersion"), Text(document, "kind"), cancellationToken).ConfigureAwait(false);
        var metadata = document["metadata"]!.AsObject();
        var key = new ObjectKey(kind.Namespaced ? metadata["namespace"]?.GetValue<string>() ?? "default" : string.Empty, Text(metadata, "name"));
        await api.ApplyAsync(kind, key, JsonSerializer.SerializeToUtf8Bytes(document), FieldManager, force: true, null, cancellationToken).ConfigureAwait(false);
        return $"{kind.Kind} {key}";
    }

    // A kind that is not served yet, a namespace that is not there yet, a webhook whose server has not started.
    private static bool IsTemporary(Exception exception) => exception switch
    {
        MetricsException or HttpRequestException => true,
        KubeApiException api => api.Status is HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests || (int)api.Status >= 500,
        _ => false,
    };

    private static string Text(JsonObject value, string field) =>
        value[field]?.GetValue<string>() ?? throw new FormatException($"A manifest has no {field}: {value.ToJsonString()[..Math.Min(120, value.ToJsonString().Length)]}");
}
