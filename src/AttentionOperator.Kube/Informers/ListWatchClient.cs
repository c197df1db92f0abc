using System.Globalization;
using System.Text;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Informers;

/// <summary>The three requests of an informer.</summary>
internal sealed class ListWatchClient<T>(KubeConnection connection, ResourceKind resource, InformerOptions<T> options, IObjectCodec<T> codec)
    where T : class
{
    public async Task<ListPage<T>> ListPageAsync(string continueToken, CancellationToken cancellation)
    {
        StringBuilder query = Query();
        Append(query, "limit", options.PageSize.ToString(CultureInfo.InvariantCulture));
        if (continueToken.Length > 0)
        {
            Append(query, "continue", continueToken);
        }

        using HttpResponseMessage response = await connection.SendAsync(HttpMethod.Get, query.ToString(), null, cancellation).ConfigureAwait(false);
        using PooledBody body = await PooledBody.ReadAsync(response.Content, cancellation).ConfigureAwait(false);
        return response.IsSuccessStatusCode ? ListPage<T>.Read(body.Span, codec) : throw KubeApiException.From(response.StatusCode, body.Span, $"list {resource.FullName}");
    }

    /// <summary>Opens a watch from a version.</summary>
    public Task<WatchStream> WatchAsync(string resourceVersion, TimeSpan duration, CancellationToken cancellation)
    {
        StringBuilder query = Query();
        Append(query, "watch", "true");
        Append(query, "allowWatchBookmarks", "true");
        Append(query, "resourceVersion", resourceVersion);
        Append(query, "timeoutSeconds", Seconds(duration));
        return OpenAsync(query, cancellation);
    }

    /// <summary>Opens a watch that first sends everything there is.</summary>
    public Task<WatchStream> StreamListAsync(TimeSpan duration, CancellationToken cancellation)
    {
        StringBuilder query = Query();
        Append(query, "watch", "true");
        Append(query, "allowWatchBookmarks", "true");
        Append(query, "sendInitialEvents", "true");
        Append(query, "resourceVersionMatch", "NotOlderThan");
        Append(query, "timeoutSeconds", Seconds(duration));
        return OpenAsync(query, cancellation);
    }

    private static string Seconds(TimeSpan duration) => ((int)Math.Max(1, duration.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    private static void Append(StringBuilder query, string name, string value) =>
        query.Append(query.ToString().Contains('?', StringComparison.Ordinal) ? '&' : '?').Append(name).Append('=').Append(Uri.EscapeDataString(value));

    private StringBuilder Query()
    {
        var query = new StringBuilder(resource.CollectionPath(options.Namespace));
        if (!string.IsNullOrEmpty(options.LabelSelector))
        {
            Append(query, "labelSelector", options.LabelSelector);
        }

        if (!string.IsNullOrEmpty(options.FieldSelector))
        {
            Append(query, "fieldSelector", options.FieldSelector);
        }

        return query;
    }

    private async Task<WatchStream> OpenAsync(StringBuilder query, CancellationToken cancellation)
    {
        HttpResponseMessage response = await connection.SendAsync(HttpMethod.Get, query.ToString(), null, cancellation).ConfigureAwait(false);
        try
        {
            if (!response.IsSuccessStatusCode)
            {
                byte[] body = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
                throw KubeApiException.From(response.StatusCode, body, $"watch {resource.FullName}");
            }

            Stream stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            var watch = new WatchStream(response, stream);
            response = null!;
            return watch;
        }
        finally
        {
            response?.Dispose();
        }
    }
}
