using System.Net;
using System.Net.Http.Headers;

namespace AttentionOperator.Runtime.Fetch;

/// <summary>Range requests.</summary>
internal static class HttpRanges
{
    public static async Task<RangeRead> OpenAsync(HttpClient client, Uri uri, long offset, long? length, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        if (offset > 0 || length is not null) request.Headers.Range = new RangeHeaderValue(offset, length is null ? null : offset + length - 1);
        var response = await SendAsync(client, request, cancellationToken);
        try
        {
            // A server that ignores the header answers with everything.
            var start = response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.From ?? offset : 0;
            return new RangeRead(await response.Content.ReadAsStreamAsync(cancellationToken), start, response);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new FetchException($"{Shown(request.RequestUri!)} cannot be reached: {e.Message}", transient: true, e);
        }

        if (response.IsSuccessStatusCode) return response;
        var status = response.StatusCode;
        response.Dispose();
        var transient = (int)status >= 500 || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;
        var hint = status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? "; check the credentials" : "";
        throw new FetchException($"{Shown(request.RequestUri!)} answered {(int)status}{hint}.", transient);
    }

    /// <summary>An address without user, password and query, which may hold credentials.</summary>
    public static string Shown(Uri uri) => uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
