using System.Buffers.Binary;
using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Runtime.OpenAi;
using AttentionOperator.Runtime.Serving;

namespace AttentionOperator.Runtime.Http;

/// <summary><c>/v1/embeddings</c> and <c>/v1/classify</c>.</summary>
internal sealed class EncoderEndpoints(RequestPipeline pipeline, PromptEncoder encoder, EncoderService service)
{
    private const string InputParam = "input";
    private const int MaxChunks = 256;

    public async Task EmbedAsync(RequestScope scope)
    {
        CheckTask(scope, ModelTask.Embed);
        using var body = await RequestBody.ReadAsync(scope.Context, pipeline.MaxBodyBytes);
        var model = scope.Model;
        var request = EmbeddingRequest.Parse(body.RootElement, model.Tokenizer.VocabularySize, model.EmbeddingDimensions);
        scope.CheckModel(request.Model);
        var parts = await PartsAsync(scope, request.Inputs);
        var pooled = await RunAsync(scope, parts, EncoderOutput.Embedding);
        if (request.Dimensions is { } dimensions) pooled = [.. pooled.Select(v => Vectors.Shorten(v, dimensions))];
        var shortened = Say(scope, parts);
        await JsonText.WriteAsync(scope.Context, writer => WriteEmbeddings(writer, request, pooled, parts.Sum(p => p.Tokens), shortened));
    }

    public async Task ClassifyAsync(RequestScope scope)
    {
        CheckTask(scope, ModelTask.Classify);
        using var body = await RequestBody.ReadAsync(scope.Context, pipeline.MaxBodyBytes);
        var request = ClassifyRequest.Parse(body.RootElement, scope.Model.Tokenizer.VocabularySize);
        scope.CheckModel(request.Model);
        var parts = await PartsAsync(scope, request.Inputs);
        var logits = await RunAsync(scope, parts, EncoderOutput.Logits);
        var shortened = Say(scope, parts);
        await JsonText.WriteAsync(scope.Context, writer => WriteClasses(writer, scope, request, logits, parts.Sum(p => p.Tokens), shortened));
    }

    internal static void CheckTask(RequestScope scope, ModelTask task)
    {
        if (scope.Model.Configuration.Task != task || scope.Model.Encoder is null)
        {
            throw ApiErrors.NotServed($"The model '{scope.Model.Name}' is of task {scope.Model.Configuration.Task}, not {task}; see /v1/models.");
        }
    }

    /// <summary>The sequences of each input: one, or the chunks of a long one.</summary>
    private Task<List<Input>> PartsAsync(RequestScope scope, IReadOnlyList<TextOrIds> inputs) => encoder.RunAsync(scope, _ => inputs.Select(input => PartsOf(scope.Model, input)).ToList());

    private Input PartsOf(ServedModel model, TextOrIds input)
    {
        var ids = PromptEncoder.Encode(model, input, addSpecialTokens: true, InputParam);
        if (ids.Length == 0) throw ApiErrors.Invalid("An input has no tokens.", InputParam);
        var frame = input.Text is null ? new SpecialFrame([], []) : encoder.Frame;
        var fitted = TokenCaps.Fit(ids, model.MaxInputTokens, model.Configuration.Limits.OnTooLong, frame.Prefix.Length, frame.Suffix.Length, InputParam);
        if (fitted is not null) return new Input([fitted.Ids], [1], fitted.Ids.Length, fitted.Shortened);
        var inner = ids.AsSpan(frame.Prefix.Length, ids.Length - frame.Prefix.Length - frame.Suffix.Length);
        var size = model.MaxInputTokens - frame.Prefix.Length - frame.Suffix.Length;
        var ranges = TokenCaps.Chunks(inner.Length, size, size / 8);
        if (ranges.Count > MaxChunks) throw TokenCaps.InputTooLong(ids.Length, model.MaxInputTokens * MaxChunks, InputParam);
        var sequences = new List<int[]>(ranges.Count);
        foreach (var (start, length) in ranges) sequences.Add([.. frame.Prefix, .. inner.Slice(start, length), .. frame.Suffix]);
        return new Input(sequences, [.. ranges.Select(r => r.Length)], sequences.Sum(s => s.Length), new Shortening(TooLongPolicy.Chunk, ids.Length, model.MaxInputTokens, ranges.Count));
    }

    private async Task<float[][]> RunAsync(RequestScope scope, List<Input> inputs, EncoderOutput output)
    {
        var vectors = await service.RunAsync(scope, [.. inputs.SelectMany(i => i.Sequences).Select(ids => (ids, Array.Empty<int>()))], output);
        var pooled = new float[inputs.Count][];
        var at = 0;
        for (var i = 0; i < inputs.Count; i++)
        {
            var count = inputs[i].Sequences.Count;
            pooled[i] = Vectors.Pool(new ArraySegment<float[]>(vectors, at, count), inputs[i].Weights);
            at += count;
        }

        return pooled;
    }

    private static Shortening? Say(RequestScope scope, List<Input> inputs)
    {
        var shortened = inputs.FirstOrDefault(i => i.Shortened is not null)?.Shortened;
        if (shortened is not null) scope.Context.Response.Headers[HeaderNames.Truncated] = shortened.HeaderValue;
        return shortened;
    }

    private static void WriteEmbeddings(Utf8JsonWriter writer, EmbeddingRequest request, float[][] vectors, int tokens, Shortening? shortened)
    {
        writer.WriteStartObject();
        writer.WriteString("object", "list");
        writer.WriteStartArray("data");
        for (var i = 0; i < vectors.Length; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("object", "embedding");
            writer.WriteNumber("index", i);
            if (request.Base64)
            {
                var bytes = new byte[vectors[i].Length * sizeof(float)];
                for (var d = 0; d < vectors[i].Length; d++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(d * sizeof(float)), vectors[i][d]);
                writer.WriteBase64String("embedding", bytes);
            }
            else
            {
                writer.WriteStartArray("embedding");
                foreach (var x in vectors[i]) writer.WriteNumberValue(x);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteTail(writer, request.Model, tokens, shortened);
    }

    private static void WriteClasses(Utf8JsonWriter writer, RequestScope scope, ClassifyRequest request, float[][] logits, int tokens, Shortening? shortened)
    {
        var model = scope.Model;
        writer.WriteStartObject();
        writer.WriteString("id", "classify-" + scope.RequestId);
        writer.WriteString("object", "list");
        writer.WriteNumber("created", scope.Clock.GetUtcNow().ToUnixTimeSeconds());
        writer.WriteStartArray("data");
        for (var i = 0; i < logits.Length; i++)
        {
            var independent = model.IndependentLabels || logits[i].Length == 1;
            var probabilities = independent ? [.. logits[i].Select(Vectors.Sigmoid)] : Vectors.Softmax(logits[i]);
            var best = Array.IndexOf(probabilities, probabilities.Max());
            writer.WriteStartObject();
            writer.WriteNumber("index", i);
            writer.WriteString("label", LabelOf(model, best));
            writer.WriteStartArray("probs");
            foreach (var p in probabilities) writer.WriteNumberValue(p);
            writer.WriteEndArray();
            writer.WriteStartArray("logits");
            foreach (var x in logits[i]) writer.WriteNumberValue(x);
            writer.WriteEndArray();
            writer.WriteStartArray("labels");
            for (var c = 0; c < probabilities.Length; c++) writer.WriteStringValue(LabelOf(model, c));
            writer.WriteEndArray();
            writer.WriteNumber("num_classes", probabilities.Length);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteTail(writer, request.Model, tokens, shortened);
    }

    private static string LabelOf(ServedModel model, int index) =>
        index >= 0 && index < model.Labels.Count ? model.Labels[index] : FormattableString.Invariant($"LABEL_{index}");

    private static void WriteTail(Utf8JsonWriter writer, string model, int tokens, Shortening? shortened)
    {
        writer.WriteString("model", model);
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", tokens);
        writer.WriteNumber("total_tokens", tokens);
        writer.WriteEndObject();
        AnswerFormat.WriteShortened(writer, shortened);
        writer.WriteEndObject();
    }

    /// <summary>Sequences of one input, their weights when pooled, all their tokens.</summary>
    private sealed record Input(IReadOnlyList<int[]> Sequences, IReadOnlyList<int> Weights, int Tokens, Shortening? Shortened);
}
