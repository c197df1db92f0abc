using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Bench.Results;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.GatewayBench.Cluster;

/// <summary>The Sandbox's Kubernetes API with the objects that the gateway watches. No operator runs: the benchmark itself writes the status.</summary>
internal sealed class BenchCluster : IDisposable
{
    public const string Namespace = "bench";
    private static readonly ResourceKind Crds = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false);
    private static readonly ResourceKind Models = new(ApiNames.Group, ApiNames.Version, ApiNames.Plural, ApiNames.Kind);
    private static readonly ResourceKind Slices = new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice");
    private static readonly ResourceKind Secrets = new("", "v1", "secrets", "Secret");
    private static readonly ResourceKind Namespaces = new("", "v1", "namespaces", "Namespace", false);
    private readonly MeasuredProcess sandbox;
    private readonly KubeConnection connection;
    private readonly KubeApi api;
    private readonly Dictionary<(string Model, string Revision), int> slices = [];

    private BenchCluster(MeasuredProcess sandbox, string kubeConfig)
    {
        this.sandbox = sandbox;
        KubeConfig = kubeConfig;
        connection = KubeConnection.Create(new KubeConnectionOptions { KubeConfig = kubeConfig, QueriesPerSecond = 0, UserAgent = "gateway-bench" });
        api = new KubeApi(connection, "bench");
    }

    public string KubeConfig { get; }

    public static async Task<BenchCluster> StartAsync(BenchmarkOptions options, string directory, CancellationToken cancellation)
    {
        var ready = Path.Combine(directory, "ready");
        var kubeConfig = Path.Combine(directory, "kubeconfig");
        var sandbox = new MeasuredProcess(options.Executable("AttentionOperator.Sandbox", "attention-sandbox"), ["run", "--faked-pods", "--exit-on-stdin-close", "--kubeconfig", kubeConfig, "--ready-file", ready]);
        while (!File.Exists(ready))
        {
            if (sandbox.HasExited)
            {
                throw new InvalidOperationException("attention-sandbox ended before it was ready.");
            }

            await Task.Delay(20, cancellation);
        }

        var cluster = new BenchCluster(sandbox, kubeConfig);
        var crd = YamlDocuments.Parse(await File.ReadAllTextAsync(Path.Combine(options.Root, "crds", "attentionmodels.attentionoperator.io.yaml"), cancellation))[0];
        await cluster.api.CreateAsync(Crds, "", JsonSerializer.SerializeToUtf8Bytes(crd), cancellation);
        await cluster.api.CreateOnceAsync(Namespaces, "", Json(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = Namespace } }), cancellation);
        return cluster;
    }

    /// <param name="name">Name.</param>
    /// <param name="spec">Fields of the spec beside task, model and objectives.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task CreateModelAsync(string name, JsonObject spec, CancellationToken cancellation)
    {
        spec["task"] = "Generate";
        spec["model"] = new JsonObject { ["uri"] = "file:///models/bench" };
        spec["slo"] = new JsonObject
        {
            ["objectives"] = new JsonArray(
                new JsonObject { ["name"] = "errors", ["type"] = "Errors", ["target"] = "99.9" },
                new JsonObject { ["name"] = "latency", ["type"] = "Latency", ["target"] = "99", ["threshold"] = "2s" },
                new JsonObject { ["name"] = "first-token", ["type"] = "TimeToFirstToken", ["target"] = "99", ["threshold"] = "500ms" }),
        };
        var model = new JsonObject { ["apiVersion"] = ApiNames.ApiVersion, ["kind"] = ApiNames.Kind, ["metadata"] = Metadata(name), ["spec"] = spec };
        return api.CreateAsync(Models, Namespace, Json(model), cancellation);
    }

    /// <summary>Writes the split as the operator does; the first revision is the stable one.</summary>
    public Task SetTrafficAsync(string model, CancellationToken cancellation, params IReadOnlyList<(string Revision, int Weight)> traffic)
    {
        var targets = new JsonArray([.. traffic.Select(t => (JsonNode)new JsonObject { ["revision"] = t.Revision, ["weight"] = t.Weight })]);
        var status = new JsonObject { ["traffic"] = targets, ["stableRevision"] = traffic[0].Revision, ["targetRevision"] = traffic[^1].Revision };
        return api.MergePatchAsync(Models, new ObjectKey(Namespace, model), Json(new JsonObject { ["status"] = status }), "status", cancellation);
    }

    /// <summary>Makes these the ready pods of a revision, one EndpointSlice each, because they differ by port.</summary>
    public async Task SetPodsAsync(string model, string revision, IReadOnlyList<IPEndPoint> pods, CancellationToken cancellation)
    {
        var before = slices.GetValueOrDefault((model, revision));
        for (var i = 0; i < Math.Max(before, pods.Count); i++)
        {
            var key = new ObjectKey(Namespace, $"{model}-{revision}-{i}");
            if (i >= pods.Count)
            {
                await api.DeleteAsync(Slices, key, null, cancellation);
            }
            else if (i < before)
            {
                await api.MergePatchAsync(Slices, key, Json(Endpoints(pods[i])), null, cancellation);
            }
            else
            {
                var slice = Endpoints(pods[i]);
                slice["apiVersion"] = "discovery.k8s.io/v1";
                slice["kind"] = "EndpointSlice";
                slice["addressType"] = "IPv4";
                slice["metadata"] = Metadata(key.Name);
                slice["metadata"]!["labels"] = new JsonObject { [LabelNames.Model] = model, [LabelNames.Revision] = revision };
                await api.CreateAsync(Slices, Namespace, Json(slice), cancellation);
            }
        }

        slices[(model, revision)] = pods.Count;
    }

    /// <summary>A Secret with API keys; each entry is a key's text and its other fields.</summary>
    public Task CreateKeysAsync(string name, CancellationToken cancellation, params IReadOnlyList<(string Key, JsonObject Fields)> keys)
    {
        var data = new JsonObject();
        foreach (var (key, fields) in keys)
        {
            fields["sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
            data[key] = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(fields));
        }

        var secret = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = Metadata(name), ["data"] = data };
        secret["metadata"]!["labels"] = new JsonObject { [LabelNames.ApiKeys] = "true" };
        return api.CreateAsync(Secrets, Namespace, Json(secret), cancellation);
    }

    public void Dispose()
    {
        connection.Dispose();
        sandbox.Dispose();
    }

    private static JsonObject Endpoints(IPEndPoint pod) => new()
    {
        ["ports"] = new JsonArray(new JsonObject { ["name"] = PortNames.Http, ["port"] = pod.Port }),
        ["endpoints"] = new JsonArray(new JsonObject { ["addresses"] = new JsonArray(pod.Address.ToString()), ["conditions"] = new JsonObject { ["ready"] = true } }),
    };

    private static JsonObject Metadata(string name) => new() { ["name"] = name, ["namespace"] = Namespace };

    private static byte[] Json(JsonObject value) => JsonSerializer.SerializeToUtf8Bytes(value);
}
