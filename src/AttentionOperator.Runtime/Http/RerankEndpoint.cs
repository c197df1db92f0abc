using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Runtime.OpenAi;
using AttentionOperator.Runtime.Serving;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Runtime.Http;

/// <summary><c>/v1/rerank</c>: scores documents against a query with a pair classifier.</summary>
internal sealed class RerankEndpoint(RequestPipeline pipeline, PromptEncoder encoder, EncoderService service)
{
    private const string Param = "documents";
    private const int MaxChunks = 64;

    public async Task RerankAsync(RequestScope scope)
    {
        EncoderEndpoints.CheckTask(scope, ModelTask.Rerank);
        using var body = await RequestBody.ReadAsync(scope.Context, pipeline.MaxBodyBytes);
        var request = RerankRequest.Parse(body.RootElement);
        scope.CheckModel(request.Model);
        var pairs = await encoder.RunAsync(scope, tokenizer => request.Documents.Select(d => PairsOf(scope.Model, tokenizer, request.Query, d)).ToList());
        var logits = await service.RunAsync(scope, [.. pairs.SelectMany(p => p.Pairs).Select(p => (p.Ids, p.TypeIds))], EncoderOutput.Logits);
        var scores = new float[pairs.Count];
        var at = 0;
        for (var i = 0; i < pairs.Count; i++)
        {
            // A document is as relevant as its best part.
            var best = float.NegativeInfinity;
            for (var k = 0; k < pairs[i].Pairs.Count; k++) best = Math.Max(best, ScoreOf(logits[at++]));
            scores[i] = request.RawScores ? best : Vectors.Sigmoid(best);
        }

        var shortened = pairs.FirstOrDefault(p => p.Shortened is not null)?.Shortened;
        if (shortened is not null) scope.Context.Response.Headers[HeaderNames.Truncated] = shortened.HeaderValue;
        var tokens = pairs.Sum(p => p.Pairs.Sum(q => q.Ids.Length));
        await JsonText.WriteAsync(scope.Context, writer => Write(writer, scope, request, scores, tokens, shortened));
    }

    private static float ScoreOf(float[] logits) => logits.Length == 1
        ? logits[0]
        : throw ApiErrors.Unsupported($"The model has {logits.Length} labels; reranking needs a model with one.");

    private static Candidate PairsOf(ServedModel model, ITokenizer tokenizer, string query, string document)
    {
        PromptEncoder.CheckBytes(model, query, "query");
        PromptEncoder.CheckBytes(model, document, Param);
        var cap = model.MaxInputTokens;
        var pair = tokenizer.EncodePair(query, document);
        if (pair.Ids.Length <= cap) return new Candidate([pair], null);
        var policy = model.Configuration.Limits.OnTooLong;
        if (policy == TooLongPolicy.Reject) throw TokenCaps.InputTooLong(pair.Ids.Length, cap, Param);
        var inner = tokenizer.Encode(document, addSpecialTokens: false);
        // What the query and the template need stays; the document takes the rest.
        var size = cap - (pair.Ids.Length - inner.Ids.Length);
        if (size < 1) throw TokenCaps.InputTooLong(pair.Ids.Length, cap, "query");
        if (policy == TooLongPolicy.Chunk)
        {
            var ranges = TokenCaps.Chunks(inner.Ids.Length, size, size / 8);
            if (ranges.Count > MaxChunks) throw TokenCaps.InputTooLong(pair.Ids.Length, cap * MaxChunks, Param);
            return new Candidate([.. ranges.Select(r => Fit(tokenizer, query, document, inner, r.Start, r.Length, cap, fromStart: true))], new Shortening(policy, pair.Ids.Length, cap, ranges.Count));
        }

        var keepEnd = policy == TooLongPolicy.TruncateStart;
        var kept = Fit(tokenizer, query, document, inner, keepEnd ? inner.Ids.Length - size : 0, size, cap, fromStart: !keepEnd);
        return new Candidate([kept], new Shortening(policy, pair.Ids.Length, kept.Ids.Length, 1));
    }

    /// <summary>The pair with a part of the document; a part may gain an id or two at its ends, so it shrinks until it fits.</summary>
    private static TokenizedText Fit(ITokenizer tokenizer, string query, string document, TokenizedText inner, int start, int length, int cap, bool fromStart)
    {
        while (true)
        {
            var pair = tokenizer.EncodePair(query, ChunkedGeneration.Cut(document, inner.Offsets, start, length));
            if (pair.Ids.Length <= cap) return pair;
            var excess = Math.Min(length, pair.Ids.Length - cap);
            length -= excess;
            if (!fromStart) start += excess;
            if (length <= 0) throw TokenCaps.InputTooLong(pair.Ids.Length, cap, "query");
        }
    }

    private static void Write(Utf8JsonWriter writer, RequestScope scope, RerankRequest request, float[] scores, int tokens, Shortening? shortened)
    {
        writer.WriteStartObject();
        writer.WriteString("id", "rerank-" + scope.RequestId);
        writer.WriteString("model", request.Model);
        writer.WriteStartArray("results");
        foreach (var i in Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).Take(request.Top ?? scores.Length))
        {
            writer.WriteStartObject();
            writer.WriteNumber("index", i);
            writer.WriteNumber("relevance_score", scores[i]);
            if (request.ReturnDocuments)
            {
                writer.WriteStartObject("document");
                writer.WriteString("text", request.Documents[i]);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", tokens);
        writer.WriteNumber("total_tokens", tokens);
        writer.WriteEndObject();
        AnswerFormat.WriteShortened(writer, shortened);
        writer.WriteEndObject();
    }

    private sealed record Candidate(IReadOnlyList<TokenizedText> Pairs, Shortening? Shortened);
}
