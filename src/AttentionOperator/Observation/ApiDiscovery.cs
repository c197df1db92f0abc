using System.Net;
using System.Text.Json;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Observation;

/// <summary>Asks the API server which kinds it serves.</summary>
internal sealed class ApiDiscovery(KubeConnection connection, TimeProvider time, ILogger<ApiDiscovery> logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    /// <summary>Whether the kind's group and version is served with it; asks until the server answers.</summary>
    public async Task<bool> ServesAsync(ResourceKind resource, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                using var response = await connection.SendAsync(HttpMethod.Get, $"apis/{resource.Group}/{resource.Version}", null, cancellation);
                if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
                {
                    return false;
                }

                if (response.IsSuccessStatusCode)
                {
                    using var document = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellation), default, cancellation);
                    return document.RootElement.GetProperty("resources").EnumerateArray().Any(found => found.GetProperty("name").GetString() == resource.Plural);
                }

                ApiDiscoveryLog.Refused(logger, resource.FullName, (int)response.StatusCode);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
            {
                ApiDiscoveryLog.Failed(logger, resource.FullName, e.Message);
            }

            await Task.Delay(RetryDelay, time, cancellation);
        }
    }
}
