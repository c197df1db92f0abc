using System.Text.Json;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Sandbox.Controllers.Discovery;

/// <summary>All resources that can be listed, watched and deleted, custom ones included, each in its preferred version.</summary>
internal sealed class ApiResources(KubeConnection connection, ILogger logger)
{
    private static readonly string[] NeededVerbs = ["list", "watch", "delete"];

    // Events are many, belong to nothing and expire by themselves.
    private static readonly string[] Skipped = ["events", "events.events.k8s.io"];

    /// <summary>The resources and, apart from them, whether every group has answered: a group that is silent may still hold objects.</summary>
    public async Task<(IReadOnlyList<ResourceKind> Resources, bool Complete)> DiscoverAsync(CancellationToken cancellationToken)
    {
        var resources = new List<ResourceKind>();
        var complete = true;
        foreach (var groupVersion in await GroupVersionsAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                resources.AddRange(await ResourcesAsync(groupVersion, cancellationToken).ConfigureAwait(false));
            }
            catch (Exception exception) when (exception is KubeApiException or HttpRequestException or JsonException)
            {
                complete = false;
                ClusterLog.DiscoveryFailed(logger, exception, groupVersion);
            }
        }

        return ([.. resources.Where(r => !Skipped.Contains(r.FullName))], complete);
    }

    private async Task<List<string>> GroupVersionsAsync(CancellationToken cancellationToken)
    {
        using var document = await GetAsync("apis", cancellationToken).ConfigureAwait(false);
        var versions = document.RootElement.GetProperty("groups").EnumerateArray()
            .Select(g => g.GetProperty("preferredVersion").GetProperty("groupVersion").GetString()!)
            // Metrics are answers to questions, not objects.
            .Where(v => !v.Contains("metrics.k8s.io", StringComparison.Ordinal));
        return ["v1", .. versions];
    }

    private async Task<IEnumerable<ResourceKind>> ResourcesAsync(string groupVersion, CancellationToken cancellationToken)
    {
        var slash = groupVersion.IndexOf('/', StringComparison.Ordinal);
        using var document = await GetAsync(slash < 0 ? $"api/{groupVersion}" : $"apis/{groupVersion}", cancellationToken).ConfigureAwait(false);
        return
        [
            .. document.RootElement.GetProperty("resources").EnumerateArray()
                .Where(r => !r.GetProperty("name").GetString()!.Contains('/', StringComparison.Ordinal))
                .Where(r => NeededVerbs.All(v => r.GetProperty("verbs").EnumerateArray().Any(verb => verb.GetString() == v)))
                .Select(r => new ResourceKind(
                    slash < 0 ? string.Empty : groupVersion[..slash],
                    groupVersion[(slash + 1)..],
                    r.GetProperty("name").GetString()!,
                    r.GetProperty("kind").GetString()!,
                    r.GetProperty("namespaced").GetBoolean())),
        ];
    }

    private async Task<JsonDocument> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await connection.SendAsync(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode
            ? JsonDocument.Parse(body)
            : throw new KubeApiException(response.StatusCode, string.Empty, $"discovery of {path} answered {(int)response.StatusCode}");
    }
}
