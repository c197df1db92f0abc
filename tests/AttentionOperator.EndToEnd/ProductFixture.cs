using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace AttentionOperator.EndToEnd;

/// <summary>The whole product as a user starts it: the Sandbox as a process of its own, in it the operator and the gateway from the manifests that a cluster gets.</summary>
public sealed class ProductFixture : IAsyncLifetime
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private const string Group = "attentionoperator.io";
    private const string Version = "v1alpha1";
    private const string Plural = "attentionmodels";
    private readonly string _directory = Directory.CreateTempSubdirectory("end-to-end-").FullName;
    private readonly ConcurrentQueue<string> _output = new();
    private Process? _sandbox;

    public string KubeConfig => Path.Combine(_directory, "kubeconfig");

    public Kubernetes Client { get; private set; } = null!;

    public HttpClient Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var broken = Directory.CreateDirectory(Path.Combine(_directory, "broken")).FullName;
        BrokenModels.Write(broken);
        var ready = Path.Combine(_directory, "ready");
        var start = new ProcessStartInfo(
            ProductPaths.Sandbox,
            ["run", "--exit-on-stdin-close", "--kubeconfig", KubeConfig, "--ready-file", ready, "--hpa-interval", "1", "--volume", $"models={ProductPaths.Models}", "--volume", $"broken={broken}", "--volume", $"austen={ProductPaths.SampleModels}", "--volume", $"cache={Directory.CreateDirectory(Path.Combine(_directory, "cache")).FullName}", "--image", $"faulty-runtime={ProductPaths.FaultyRuntime}", "--apply", ProductPaths.Config])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _sandbox = Process.Start(start)!;
        _sandbox.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? string.Empty);
        _sandbox.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? string.Empty);
        _sandbox.BeginOutputReadLine();
        _sandbox.BeginErrorReadLine();
        await EventuallyAsync(
            () =>
            {
                Assert.False(_sandbox.HasExited, "The Sandbox ended: " + string.Join('\n', _output));
                return Task.FromResult(File.Exists(ready));
            },
            exists => exists);
        Client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(KubeConfig));
        foreach (var name in (string[])["attention-operator", "attention-gateway"])
        {
            await EventuallyAsync(() => Client.AppsV1.ReadNamespacedDeploymentAsync(name, "attention-system"), d => d.Status?.AvailableReplicas == 1);
        }

        var service = await Client.CoreV1.ReadNamespacedServiceAsync("attention-gateway", "attention-system");
        Gateway = new HttpClient { BaseAddress = new Uri($"http://{service.Spec.ClusterIP}:8080"), Timeout = Patience };
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        Gateway?.Dispose();
        if (_sandbox is not null)
        {
            // The Sandbox ends when its input does, and with it everything that it has started.
            _sandbox.StandardInput.Close();
            await _sandbox.WaitForExitAsync().WaitAsync(Patience);
            _sandbox.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    public static async Task<T> EventuallyAsync<T>(Func<Task<T>> read, Func<T, bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var value = await read();
            if (condition(value))
            {
                return value;
            }

            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException("The last answer was: " + JsonSerializer.Serialize(value));
            }

            await Task.Delay(100);
        }
    }

    /// <summary>Creates an AttentionModel; <paramref name="extra"/> is a JSON object whose fields replace those of the spec.</summary>
    public Task CreateModelAsync(string name, string task, string uri, string extra = "{}")
    {
        var spec = JsonNode.Parse($$"""{ "task": "{{task}}", "model": { "uri": "{{uri}}" }, "resources": { "cpu": "100m", "memory": "512Mi" }, "replicas": 1 }""")!.AsObject();
        foreach (var (field, value) in JsonNode.Parse(extra)!.AsObject()) spec[field] = value?.DeepClone();
        var model = new JsonObject { ["apiVersion"] = $"{Group}/{Version}", ["kind"] = "AttentionModel", ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = spec };
        return Client.CustomObjects.CreateNamespacedCustomObjectAsync(JsonSerializer.SerializeToElement(model), Group, Version, "default", Plural);
    }

    public Task DeleteModelAsync(string name) => Client.CustomObjects.DeleteNamespacedCustomObjectAsync(Group, Version, "default", Plural, name);

    public async Task<JsonElement> ModelAsync(string name) =>
        JsonSerializer.SerializeToElement(await Client.CustomObjects.GetNamespacedCustomObjectAsync(Group, Version, "default", Plural, name));

    /// <summary>Waits until the model's Ready condition has this status.</summary>
    public Task<JsonElement> ModelAsync(string name, string ready) =>
        EventuallyAsync(() => ModelAsync(name), model => Condition(model, "Ready") is { } condition && condition.GetProperty("status").GetString() == ready);

    public static JsonElement? Condition(JsonElement model, string type) =>
        model.TryGetProperty("status", out var status) && status.TryGetProperty("conditions", out var conditions)
            ? conditions.EnumerateArray().Where(c => c.GetProperty("type").GetString() == type).Select(c => (JsonElement?)c).FirstOrDefault()
            : null;

    public async Task<IList<V1Pod>> PodsAsync(string model) =>
        (await Client.CoreV1.ListNamespacedPodAsync("default", labelSelector: $"attentionoperator.io/model={model}")).Items;
}
