using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Hosting;
using AttentionOperator.Sandbox.NodeAgent.Nodes;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Conformance;

/// <summary>The cluster under test: the one that KUBECONFIG names, else a Sandbox of this process.</summary>
public sealed class Cluster : IAsyncLifetime
{
    private static readonly NodeSpecification[] Nodes = [NodeSpecification.Parse("name=one,cpu=8,memory=16Gi"), NodeSpecification.Parse("name=two,cpu=8,memory=16Gi")];
    private SandboxHost? _sandbox;
    private Kubernetes? _client;
    private StandInNodes? _nodes;

    public Kubernetes Client => _client ?? throw new InvalidOperationException("The cluster has not started.");

    public string KubeConfigPath { get; private set; } = "";

    public bool IsSandbox => _sandbox is not null;

    /// <summary>Whether the nodes are the tests' own, which may be cordoned and drained.</summary>
    public bool OwnsNodes => IsSandbox || _nodes is not null;

    public async ValueTask InitializeAsync()
    {
        var given = Environment.GetEnvironmentVariable("KUBECONFIG");
        if (!string.IsNullOrEmpty(given))
        {
            KubeConfigPath = given;
        }
        else
        {
            KubeConfigPath = Path.Combine(Path.GetTempPath(), $"conformance-{Guid.NewGuid():N}.kubeconfig");
            _sandbox = await SandboxHost.StartAsync(new SandboxSettings { FakedPods = true, KubeConfig = KubeConfigPath, Nodes = Nodes, AutoscalerInterval = TimeSpan.FromSeconds(2) }, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
        }

        _client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(KubeConfigPath));
        if (IsSandbox) return;
        var (_, schemas) = await SendAsync("GET", "/openapi/v3/apis/apps/v1");
        ServesOpenApi = schemas?["components"]?["schemas"]?["io.k8s.api.apps.v1.Deployment"]?["x-kubernetes-group-version-kind"] is not null;
        if ((await SendAsync("GET", "/api/v1/nodes?limit=1")).Body!["items"]!.AsArray().Count == 0) _nodes = await StandInNodes.StartAsync(this, 2);
    }

    /// <summary>Whether clients can read the cluster's OpenAPI documents; a build of a server may serve ones without their extensions, which kubectl and helm refuse.</summary>
    public bool ServesOpenApi { get; private set; } = true;

    /// <summary>One request in the API's own terms; the answer's code and JSON.</summary>
    public async Task<(int Code, JsonNode? Body)> SendAsync(string method, string path, JsonNode? body = null, string contentType = "application/json", string? accept = null)
    {
        using var response = await OpenAsync(method, path, body, contentType, accept);
        var text = await response.Content.ReadAsStringAsync();
        // Paths that no group serves are answered with plain text.
        var isJson = text is ['{' or '[', ..];
        return ((int)response.StatusCode, text.Length == 0 ? null : isJson ? JsonNode.Parse(text) : JsonValue.Create(text));
    }

    public async Task<HttpResponseMessage> OpenAsync(string method, string path, JsonNode? body = null, string contentType = "application/json", string? accept = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Client.BaseUri, path));
        if (Client.Credentials is { } credentials) await credentials.ProcessHttpRequestAsync(request, CancellationToken.None);
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.UserAgent.ParseAdd("conformance/1.0");
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        }

        return await Client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async ValueTask DisposeAsync()
    {
        if (_nodes is not null) await _nodes.DisposeAsync();
        _client?.Dispose();
        if (_sandbox is null) return;
        // A Sandbox that does not stop is a failure of its own, not a hang of the run.
        await _sandbox.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2));
        File.Delete(KubeConfigPath);
    }
}
