using System.Text.Json;
using AttentionOperator.Kube.Client;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Autoscaling;

/// <summary>Reads the external and custom metrics APIs, which an aggregated server of the cluster answers.</summary>
internal sealed class MetricsClient(KubeConnection connection)
{
    /// <summary>The sum of an external metric's values.</summary>
    public async Task<decimal> ExternalAsync(string @namespace, V2MetricIdentifier metric, CancellationToken cancellationToken)
    {
        var path = $"apis/external.metrics.k8s.io/v1beta1/namespaces/{Uri.EscapeDataString(@namespace)}/{Uri.EscapeDataString(metric.Name)}{Selector("labelSelector", metric.Selector, '?')}";
        return (await ItemsAsync(path, cancellationToken).ConfigureAwait(false)).Sum(i => i.Value);
    }

    /// <summary>A custom metric of one object.</summary>
    public async Task<decimal> ObjectAsync(string @namespace, string resource, string name, V2MetricIdentifier metric, CancellationToken cancellationToken)
    {
        var path = $"apis/custom.metrics.k8s.io/v1beta2/namespaces/{Uri.EscapeDataString(@namespace)}/{resource}/{Uri.EscapeDataString(name)}/{Uri.EscapeDataString(metric.Name)}{Selector("metricLabelSelector", metric.Selector, '?')}";
        return (await ItemsAsync(path, cancellationToken).ConfigureAwait(false)).Sum(i => i.Value);
    }

    /// <summary>A custom metric of the pods that a selector matches, by pod.</summary>
    public async Task<IReadOnlyDictionary<string, decimal>> PodsAsync(string @namespace, string podSelector, V2MetricIdentifier metric, CancellationToken cancellationToken)
    {
        var path = $"apis/custom.metrics.k8s.io/v1beta2/namespaces/{Uri.EscapeDataString(@namespace)}/pods/*/{Uri.EscapeDataString(metric.Name)}?labelSelector={Uri.EscapeDataString(podSelector)}{Selector("metricLabelSelector", metric.Selector, '&')}";
        var items = await ItemsAsync(path, cancellationToken).ConfigureAwait(false);
        return items.Where(i => i.Object is not null).GroupBy(i => i.Object!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(i => i.Value), StringComparer.Ordinal);
    }

    private async Task<List<(string? Object, decimal Value)>> ItemsAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await connection.SendAsync(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw new MetricsException($"{(int)response.StatusCode} {response.ReasonPhrase} from {path}");
        }

        using var document = JsonDocument.Parse(body);
        if (!document.RootElement.TryGetProperty("items", out var items) || items.GetArrayLength() == 0)
        {
            throw new MetricsException($"no metrics returned from {path}");
        }

        return [.. items.EnumerateArray().Select(Read)];
    }

    private static (string? Object, decimal Value) Read(JsonElement item)
    {
        var about = item.TryGetProperty("describedObject", out var described) && described.TryGetProperty("name", out var name) ? name.GetString() : null;
        return (about, new ResourceQuantity(item.GetProperty("value").GetString()!).ToDecimal());
    }

    private static string Selector(string parameter, V1LabelSelector? selector, char separator)
    {
        var terms = (selector?.MatchLabels ?? new Dictionary<string, string>()).Select(l => $"{l.Key}={l.Value}")
            .Concat((selector?.MatchExpressions ?? []).Select(e => e.OperatorProperty switch
            {
                "In" => $"{e.Key} in ({string.Join(',', e.Values)})",
                "NotIn" => $"{e.Key} notin ({string.Join(',', e.Values)})",
                "Exists" => e.Key,
                _ => $"!{e.Key}",
            }))
            .ToList();
        return terms.Count == 0 ? string.Empty : $"{separator}{parameter}={Uri.EscapeDataString(string.Join(',', terms))}";
    }
}
