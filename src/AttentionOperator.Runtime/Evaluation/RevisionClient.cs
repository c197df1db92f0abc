using System.Net.Http.Json;
using System.Text.Json;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Runtime.Evaluation;

/// <summary>Asks one revision, always for its likeliest answer. Null answers are the revision's own failures; what cannot be reached at all is an exception.</summary>
internal sealed class RevisionClient(HttpClient http, Uri address, string model, TimeProvider clock)
{
    private const int Attempts = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Fingerprint of its tokenizer; null where it does not say.</summary>
    public async Task<string?> TokenizerAsync(CancellationToken cancellation)
    {
        using var answer = await AskAsync(() => new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/v1/models")), cancellation);
        return answer is not null && answer.RootElement.TryGetProperty("data", out var data) && data.GetArrayLength() > 0
            && data[0].TryGetProperty("attention", out var own) && own.TryGetProperty("tokenizer_fingerprint", out var fingerprint)
            ? fingerprint.GetString()
            : null;
    }

    public Task<string?> AnswerAsync(ModelTask task, string prompt, int maxTokens, CancellationToken cancellation) => task == ModelTask.Classify
        ? PostAsync("/v1/classify", new { model, input = prompt }, root => root.GetProperty("data")[0].GetProperty("label").GetString(), cancellation)
        : PostAsync("/v1/completions", new { model, prompt, max_tokens = maxTokens, temperature = 0 }, root => root.GetProperty("choices")[0].GetProperty("text").GetString(), cancellation);

    public Task<double[]?> EmbeddingAsync(string input, CancellationToken cancellation) => PostAsync(
        "/v1/embeddings", new { model, input }, root => root.GetProperty("data")[0].GetProperty("embedding").EnumerateArray().Select(x => x.GetDouble()).ToArray(), cancellation);

    /// <summary>Sum of the log-probabilities (natural) of the tokens of <paramref name="expected"/> after the prompt, and their number. A token across the border belongs to the prompt.</summary>
    public Task<Likelihood?> LikelihoodAsync(string prompt, string expected, CancellationToken cancellation) => PostAsync(
        "/v1/completions",
        new { model, prompt = prompt + expected, max_tokens = 0, echo = true, logprobs = 0, temperature = 0 },
        root =>
        {
            var logProbs = root.GetProperty("choices")[0].GetProperty("logprobs");
            var tokens = logProbs.GetProperty("token_logprobs").EnumerateArray()
                .Zip(logProbs.GetProperty("text_offset").EnumerateArray(), (value, offset) => (Value: value, Offset: offset.GetInt32()))
                .Where(token => token.Offset >= prompt.Length && token.Value.ValueKind == JsonValueKind.Number)
                .Select(token => token.Value.GetDouble())
                .ToList();
            return tokens.Count == 0 ? null : new Likelihood(tokens.Sum(), tokens.Count);
        },
        cancellation);

    private async Task<T?> PostAsync<T>(string path, object body, Func<JsonElement, T?> read, CancellationToken cancellation)
        where T : class
    {
        using var answer = await AskAsync(() => new HttpRequestMessage(HttpMethod.Post, new Uri(address, path)) { Content = JsonContent.Create(body) }, cancellation);
        try
        {
            return answer is null ? null : read(answer.RootElement);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException or FormatException)
        {
            return null; // It answered with something else.
        }
    }

    private async Task<JsonDocument?> AskAsync(Func<HttpRequestMessage> request, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var patience = new CancellationTokenSource(Patience, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
            try
            {
                using var message = request();
                using var response = await http.SendAsync(message, either.Token);
                if (response.IsSuccessStatusCode) return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(either.Token));
                if ((int)response.StatusCode is >= 400 and < 500 and not 429 || attempt == Attempts) return null;
            }
            catch (HttpRequestException e) when (attempt == Attempts)
            {
                throw new EvaluationException($"{address} cannot be reached: {e.Message}", e);
            }
            catch (HttpRequestException)
            {
                // Once more.
            }
            catch (JsonException)
            {
                return null;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return null; // It did not answer in time.
            }

            await Task.Delay(Pause, clock, cancellation);
        }
    }
}
