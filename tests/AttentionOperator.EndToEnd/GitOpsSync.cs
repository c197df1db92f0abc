using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace AttentionOperator.EndToEnd;

/// <summary>
/// Stands for Argo CD or Flux: applies what Git says over and over, whatever happened meanwhile, and knows nothing else. They do it every few minutes, or every ten
/// seconds where they are told to; here it is every second.
/// </summary>
internal sealed class GitOpsSync : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Kubernetes client;
    private readonly string name;
    private readonly CancellationTokenSource stop = new();
    private readonly Task syncing;
    private volatile string manifest;
    private int syncs;

    public GitOpsSync(Kubernetes client, string name, JsonObject spec)
    {
        this.client = client;
        this.name = name;
        manifest = Manifest(spec);
        syncing = SyncAsync();
    }

    /// <summary>How often the manifest was applied.</summary>
    public int Syncs => Volatile.Read(ref syncs);

    /// <summary>What Git says from now on.</summary>
    public void Commit(JsonObject spec) => manifest = Manifest(spec);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await syncing;
        stop.Dispose();
    }

    private string Manifest(JsonObject spec) => new JsonObject
    {
        ["apiVersion"] = "attentionoperator.io/v1alpha1",
        ["kind"] = "AttentionModel",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["spec"] = spec.DeepClone(),
    }.ToJsonString();

    private async Task SyncAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            do
            {
                await client.CustomObjects.PatchNamespacedCustomObjectAsync(
                    new V1Patch(JsonSerializer.Deserialize<JsonElement>(manifest), V1Patch.PatchType.ApplyPatch), "attentionoperator.io", "v1alpha1", "default", "attentionmodels", name,
                    fieldManager: "gitops", force: true, cancellationToken: stop.Token);
                Interlocked.Increment(ref syncs);
            }
            while (await timer.WaitForNextTickAsync(stop.Token));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The usual end.
        }
    }
}
