using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Aggregation;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Admission;

/// <summary>Posts reviews to a webhook by URL or by Service, trusting its caBundle only, within its time-out.</summary>
internal sealed class WebhookClient(ServiceConnections connections)
{
    public async Task<JsonObject> SendAsync(JsonObject webhook, JsonObject review)
    {
        var config = webhook.Object("clientConfig");
        var seconds = webhook.Integer("timeoutSeconds") is { } given and > 0 ? given : 10;
        var ca = config.Text("caBundle") is { Length: > 0 } bundle ? Convert.FromBase64String(bundle) : null;
        var (uri, service) = Target(config);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        try
        {
            using var client = connections.Client(service, ca, skipVerify: false);
            using var request = new HttpRequestMessage(HttpMethod.Post, new UriBuilder(uri) { Query = $"timeout={seconds}s" }.Uri)
            {
                Content = new ByteArrayContent(JsonFormat.ToUtf8(review)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            };
            using var response = await client.SendAsync(request, timeout.Token).ConfigureAwait(false);
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

    private static (Uri Uri, ServiceTarget? Service) Target(JsonObject? config)
    {
        if (config.Text("url") is { Length: > 0 } url) return (new Uri(url), null);
        var service = config.Object("service") ?? throw new WebhookFailedException("clientConfig has neither url nor service");
        var target = new ServiceTarget(service.Text("namespace") ?? "", service.Text("name") ?? "", (int)(service.Integer("port") ?? 443));
        var path = service.Text("path") ?? "/";
        return (new Uri($"https://{target.Name}.{target.Namespace}.svc:{target.Port}{(path.StartsWith('/') ? path : "/" + path)}"), target);
    }
}
