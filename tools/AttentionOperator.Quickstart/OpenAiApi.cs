using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace AttentionOperator.Quickstart;

/// <summary>The two calls that the quickstart makes to the gateway.</summary>
internal sealed class OpenAiApi(string baseUrl) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(2) };

    public async Task<string> CompleteAsync(string model, string prompt, int maxTokens, CancellationToken cancellation)
    {
        var answer = await PostAsync("completions", new JsonObject { ["model"] = model, ["prompt"] = prompt, ["max_tokens"] = maxTokens, ["temperature"] = 0.7, ["seed"] = 1 }, cancellation);
        return answer["choices"]![0]!["text"]!.GetValue<string>();
    }

    /// <summary>Generates and says how many tokens came.</summary>
    public async Task<int> CountTokensAsync(string model, string prompt, int maxTokens, CancellationToken cancellation)
    {
        var answer = await PostAsync("completions", new JsonObject { ["model"] = model, ["prompt"] = prompt, ["max_tokens"] = maxTokens, ["temperature"] = 0, ["ignore_eos"] = true }, cancellation);
        return answer["usage"]!["completion_tokens"]!.GetValue<int>();
    }

    public async Task<float[]> EmbedAsync(string model, string text, CancellationToken cancellation)
    {
        var answer = await PostAsync("embeddings", new JsonObject { ["model"] = model, ["input"] = text }, cancellation);
        return [.. answer["data"]![0]!["embedding"]!.AsArray().Select(v => v!.GetValue<float>())];
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> PostAsync(string path, JsonObject body, CancellationToken cancellation)
    {
        try
        {
            using var response = await _http.PostAsJsonAsync($"{baseUrl}/{path}", body, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            return response.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new QuickstartException($"POST {baseUrl}/{path} answered {(int)response.StatusCode}: {text}");
        }
        catch (HttpRequestException e)
        {
            throw new QuickstartException($"POST {baseUrl}/{path} failed: {e.Message}");
        }
    }
}
