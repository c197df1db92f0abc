using System.Globalization;
using AttentionOperator.Kube.Metrics;

namespace AttentionOperator.Kube.Client;

/// <summary>Counts every attempt by verb and status code; a request that brought no answer counts as code 0.</summary>
public sealed class ApiMetricsHandler(KubeMetrics metrics, TimeProvider time) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string verb = Verb(request);
        long start = time.GetTimestamp();
        string code = "0";
        try
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            code = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            return response;
        }
        finally
        {
            metrics.ApiCall(verb, code, time.GetElapsedTime(start));
        }
    }

    /// <summary>The Kubernetes verb of a request: reads are told apart into get, list and watch.</summary>
    internal static string Verb(HttpRequestMessage request)
    {
        if (request.Method == HttpMethod.Get)
        {
            string query = request.RequestUri?.Query ?? "";
            return query.Contains("watch=true", StringComparison.Ordinal) || query.Contains("watch=1", StringComparison.Ordinal) ? "watch"
                : IsCollection(request.RequestUri?.AbsolutePath ?? "") ? "list"
                : "get";
        }

        if (request.Method == HttpMethod.Patch)
        {
            return request.Content?.Headers.ContentType?.MediaType == "application/apply-patch+yaml" ? "apply" : "patch";
        }

        return request.Method == HttpMethod.Post ? "create" : request.Method == HttpMethod.Put ? "update" : request.Method.Method.ToLowerInvariant();
    }

    private static bool IsCollection(string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        int root = Array.FindIndex(parts, p => p is "api" or "apis");
        if (root < 0)
        {
            return false;
        }

        int rest = parts.Length - root - (parts[root] == "api" ? 2 : 3);
        bool inNamespace = rest > 1 && parts[parts.Length - rest] == "namespaces";
        return inNamespace ? rest == 3 : rest == 1;
    }
}
