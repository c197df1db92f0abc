using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Policies;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Cli.Models;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Cli.Fleet;

/// <summary>Reads policies and gateways' counters. What the caller may not read is left out: the fleet is shown without it.</summary>
internal sealed class FleetClient(KubeConnection connection, ModelClient models, IReadOnlyList<Uri> metricsUrls) : IDisposable
{
    private static readonly ResourceKind Policies = new(ApiNames.Group, ApiNames.Version, PolicyNames.Plural, PolicyNames.Kind);
    private static readonly ResourceKind ClusterPolicies = new(ApiNames.Group, ApiNames.Version, PolicyNames.ClusterPlural, PolicyNames.ClusterKind, false);
    private static readonly ResourceKind Namespaces = new("", "v1", "namespaces", "Namespace", false);
    private static readonly ResourceKind Pods = new("", "v1", "pods", "Pod");

    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>Which policies hold for a namespace.</summary>
    public async Task<Func<string, IReadOnlyList<NamedPolicy>>> PoliciesAsync(bool allNamespaces, CancellationToken cancellation)
    {
        var own = await ReadableAsync<AttentionPolicy>(Policies.CollectionPath(allNamespaces ? "" : models.Namespace), cancellation);
        var cluster = await ReadableAsync<ClusterAttentionPolicy>(ClusterPolicies.CollectionPath(), cancellation);
        var labels = cluster.Count == 0 ? [] : await ReadableAsync<V1Namespace>(Namespaces.CollectionPath(), cancellation);
        return ns => PolicySelection.For(ns, labels.FirstOrDefault(found => found.Metadata.Name == ns)?.Metadata.Labels, own, cluster);
    }

    /// <summary>The counters of the gateways: those of the given addresses, else of all gateway pods through the API server; null where none answers.</summary>
    public async Task<FleetSample?> SampleAsync(CancellationToken cancellation)
    {
        List<string> texts = [];
        if (metricsUrls.Count > 0)
        {
            foreach (var url in metricsUrls)
            {
                texts.Add(await http.GetStringAsync(url, cancellation));
            }
        }
        else
        {
            var selector = Uri.EscapeDataString($"{LabelNames.AppComponent}={LabelNames.GatewayComponent},{LabelNames.AppPartOf}={LabelNames.Product}");
            foreach (var pod in await ReadableAsync<V1Pod>($"{Pods.CollectionPath()}?labelSelector={selector}", cancellation))
            {
                using var response = await connection.SendAsync(
                    HttpMethod.Get, $"api/v1/namespaces/{pod.Metadata.NamespaceProperty}/pods/{pod.Metadata.Name}:{PortNames.AdminPort}/proxy{RuntimeLayout.MetricsPath}", null, cancellation);
                if (response.IsSuccessStatusCode)
                {
                    texts.Add(await response.Content.ReadAsStringAsync(cancellation));
                }
            }
        }

        return texts.Count == 0 ? null : new FleetSample(DateTimeOffset.UtcNow, [.. texts.SelectMany(MetricSample.Parse)]);
    }

    public void Dispose() => http.Dispose();

    private async Task<IReadOnlyList<T>> ReadableAsync<T>(string path, CancellationToken cancellation)
    {
        try
        {
            return await models.ItemsAsync(path, item => item.Deserialize<T>(KubeJson.Options)!, cancellation);
        }
        catch (CommandException)
        {
            return [];
        }
    }
}
