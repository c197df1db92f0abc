using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace AttentionOperator.Bench.Rollout.Live;

/// <summary>One model at 100 requests/s: canary after canary fails a fifth of its requests, and is taken back.</summary>
internal sealed class LiveModel(SandboxProcess sandbox, HttpClient http, Stopwatch clock, string name)
{
    public const int RequestsPerSecond = 100;

    private const string Group = "attentionoperator.io";
    private const string Version = "v1alpha1";
    private const string Plural = "attentionmodels";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1) / RequestsPerSecond;

    private RequestLog log = new();

    public string Name => name;

    public async Task ServeAsync()
    {
        // The stand-in for the runtime reads no model; one accelerator a replica is what the budget counts in.
        var model = JsonSerializer.Deserialize<JsonElement>($$"""
            {
              "apiVersion": "{{Group}}/{{Version}}", "kind": "AttentionModel", "metadata": { "name": "{{name}}" },
              "spec": {
                "model": { "uri": "pvc://models" }, "replicas": 1, "resources": { "accelerator": { "count": 1 } }, "runtime": { "image": "faulty-runtime" },
                "slo": { "objectives": [ { "name": "errors", "type": "Errors", "target": "99.9" } ] },
                "rollout": { "steps": [ { "weight": 5 } ], "maxSurge": 1, "maxBurnRate": "3", "confidence": "0.99" }
              }
            }
            """);
        await sandbox.Client.CustomObjects.CreateNamespacedCustomObjectAsync(model, Group, Version, "default", Plural);
        await SandboxProcess.UntilAsync(async () => await StatusAsync() is { ValueKind: JsonValueKind.Object } status && status.TryGetProperty("stableRevision", out _));
        await SandboxProcess.UntilAsync(async () => (await AskAsync()).Revision is not null);
    }

    /// <summary>Rolls one bad canary out, and answers with the seconds from its first bad request to weight 0.</summary>
    public async Task<double> RollbackAsync(int repetition)
    {
        log = new RequestLog();
        var patch = new V1Patch(
            $$"""{ "spec": { "runtime": { "env": [ { "name": "FAULT_ERRORS", "value": "0.2" }, { "name": "FAULT_SEED", "value": "{{repetition}}" } ] } } }""", V1Patch.PatchType.MergePatch);
        var patched = JsonSerializer.SerializeToElement(await sandbox.Client.CustomObjects.PatchNamespacedCustomObjectAsync(patch, Group, Version, "default", Plural, name));
        var generation = patched.GetProperty("metadata").GetProperty("generation").GetInt64();
        double? seconds = null;
        await SandboxProcess.UntilAsync(async () =>
        {
            var status = await StatusAsync();
            if (status.GetProperty("observedGeneration").GetInt64() == generation && status.TryGetProperty("rejected", out var rejected) && rejected.GetArrayLength() > 0)
            {
                seconds = log.Rollback(rejected[0].GetProperty("hash").GetString()!);
            }

            return seconds is not null;
        });
        return seconds!.Value;
    }

    /// <summary>Sends requests by the clock, whatever becomes of those before.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        var running = new List<Task>();
        var due = clock.Elapsed;
        while (!cancellation.IsCancellationRequested)
        {
            if (due > clock.Elapsed)
            {
                await Task.Delay(due - clock.Elapsed, CancellationToken.None);
            }

            running.Add(SendAsync(log));
            due += Interval;
            if (running.Count > 1000)
            {
                running.RemoveAll(task => task.IsCompletedSuccessfully);
            }
        }

        await Task.WhenAll(running);
    }

    private async Task SendAsync(RequestLog into)
    {
        var index = into.Begin(clock.Elapsed.TotalSeconds);
        var (revision, bad) = await AskAsync();
        into.End(index, revision, bad);
    }

    private async Task<(string? Revision, bool Bad)> AskAsync()
    {
        using var response = await http.PostAsJsonAsync(new Uri(sandbox.Gateway, "/v1/completions"), new { model = name, prompt = "It is a truth", max_tokens = 2 });
        return (response.Headers.TryGetValues("X-Attention-Served-Revision", out var revision) ? revision.Single() : null, !response.IsSuccessStatusCode);
    }

    private async Task<JsonElement> StatusAsync() =>
        JsonSerializer.SerializeToElement(await sandbox.Client.CustomObjects.GetNamespacedCustomObjectAsync(Group, Version, "default", Plural, name)).TryGetProperty("status", out var status) ? status : default;
}
