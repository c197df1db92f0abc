using System.Collections.Concurrent;
using System.Text.Json;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Autoscaling;

/// <summary>Reads and writes the scale subresource of whatever kind a reference names.</summary>
internal sealed class ScaleClient(KubeConnection connection, KubeApi api)
{
    private readonly ConcurrentDictionary<(string ApiVersion, string Kind), ResourceKind> _kinds = new();

    public async Task<TargetScale> GetAsync(string @namespace, V2CrossVersionObjectReference target, CancellationToken cancellationToken)
    {
        var kind = await KindAsync(target.ApiVersion, target.Kind, cancellationToken).ConfigureAwait(false);
        var path = kind.ObjectPath(new ObjectKey(@namespace, target.Name), "scale");
        using var response = await connection.SendAsync(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw new MetricsException($"{(int)response.StatusCode} {response.ReasonPhrase}: the scale of {target.Kind} {@namespace}/{target.Name} cannot be read");
        }

        using var document = JsonDocument.Parse(body);
        var spec = document.RootElement.TryGetProperty("spec", out var s) && s.TryGetProperty("replicas", out var wanted) ? wanted.GetInt32() : 0;
        var status = document.RootElement.TryGetProperty("status", out var t) ? t : default;
        return new TargetScale(
            spec,
            status.ValueKind == JsonValueKind.Object && status.TryGetProperty("replicas", out var there) ? there.GetInt32() : 0,
            status.ValueKind == JsonValueKind.Object && status.TryGetProperty("selector", out var selector) ? selector.GetString() ?? string.Empty : string.Empty);
    }

    public async Task SetAsync(string @namespace, V2CrossVersionObjectReference target, int replicas, CancellationToken cancellationToken)
    {
        var kind = await KindAsync(target.ApiVersion, target.Kind, cancellationToken).ConfigureAwait(false);
        var patch = JsonSerializer.SerializeToUtf8Bytes(new { spec = new { replicas } }, PatchJson.Options);
        await api.MergePatchAsync(kind, new ObjectKey(@namespace, target.Name), patch, "scale", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The resource of a kind, by discovery.</summary>
    public async Task<ResourceKind> KindAsync(string apiVersion, string kind, CancellationToken cancellationToken)
    {
        if (_kinds.TryGetValue((apiVersion, kind), out var known))
        {
            return known;
        }

        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var path = slash < 0 ? $"api/{apiVersion}" : $"apis/{apiVersion}";
        using var response = await connection.SendAsync(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            using var document = JsonDocument.Parse(body);
            foreach (var resource in document.RootElement.GetProperty("resources").EnumerateArray())
            {
                var name = resource.GetProperty("name").GetString()!;
                if (resource.GetProperty("kind").GetString() == kind && !name.Contains('/', StringComparison.Ordinal))
                {
                    var found = new ResourceKind(
                        slash < 0 ? string.Empty : apiVersion[..slash],
                        apiVersion[(slash + 1)..],
                        name,
                        kind,
                        resource.GetProperty("namespaced").GetBoolean());
                    return _kinds[(apiVersion, kind)] = found;
                }
            }
        }

        throw new MetricsException($"no matches for kind \"{kind}\" in version \"{apiVersion}\"");
    }
}
