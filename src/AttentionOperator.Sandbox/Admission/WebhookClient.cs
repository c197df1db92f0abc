using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Aggregation;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Admission;

/// <summary>Posts reviews to a webhook by URL or by Service, trusting its caBundle only, within its time-out. Connections are kept and shared, over HTTP/2 where the webhook speaks it.</summary>
internal sealed class WebhookClient(ServiceConnections connections) : IDisposable
{
    // Configurations that come and go must not add up.
    private const int MostClients = 32;

    private readonly Dictionary<(ServiceTarget? Service, string Trust), HttpClient> clients = [];

    public void Dispose()
    {
        foreach (var client in clients.Values) client.Dispose();
    }

    public async Task<JsonObject> SendAsync(JsonObject webhook, JsonObject review)
    {
        var config = webhook.Object("clientConfig");
        var seconds = webhook.Integer("timeoutSeconds") is { } given and > 0 ? given : 10;
        var (uri, service) = Target(config);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new UriBuilder(uri) { Query = $"timeout={seconds}s" }.Uri)
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
                Content = new ByteArrayContent(JsonFormat.ToUtf8(review)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            };
            using var response = await ClientOf(service, config.Text("caBundle") ?? "").SendAsync(request, timeout.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(timeout.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode) throw new WebhookFailedException($"failed to call webhook: the server responded with status {(int)response.StatusCode}");
            var answer = JsonReading.ParseObject(body).Object("response") ?? throw new WebhookFailedException("failed to call webhook: webhook response was absent");
            if (answer.Text("uid") != review.At("request", "uid").AsText())
                throw new WebhookFailedException($"expected response.uid={review.At("request", "uid").AsText()}, got {answer.Text("uid")}");
            return answer;
        }
        catch (OperationCanceledException e)
        {
            throw new WebhookFailedException($"failed to call webhook: Post \"{uri}?timeout={seconds}s\": context deadline exceeded", e);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException or ServiceUnreachableException)
        {
            throw new WebhookFailedException($"failed to call webhook: Post \"{uri}?timeout={seconds}s\": {e.InnerException?.Message ?? e.Message}", e);
        }
    }

    private HttpClient ClientOf(ServiceTarget? service, string trust)
    {
        lock (clients)
        {
            if (clients.TryGetValue((service, trust), out var known)) return known;
            // Requests may be running on what is dropped: it goes when they are done.
            if (clients.Count >= MostClients) clients.Clear();
            var client = connections.Client(service, trust.Length > 0 ? Convert.FromBase64String(trust) : null, skipVerify: false);
            clients[(service, trust)] = client;
            return client;
        }
    }

    private static (Uri Uri, ServiceTarget? Service) Target(JsonObject? config)
    {
        if (config.Text("url") is { Length: > 0 } url) return (new Uri(url), null);
        var service = config.Object("service") ?? throw new WebhookFailedException("clientConfig has neither url nor service");
        var target = new ServiceTarget(service.Text("namespace") ?? "", service.Text("name") ?? "", (int)(service.Integer("port") ?? 443));
        var path = service.Text("path") ?? "/";
        return (new Uri($"https://{target.Name}.{target.Namespace}.svc:{target.Port}{(path.StartsWith('/') ? path : "/" + path)}"), target);
    }
}
