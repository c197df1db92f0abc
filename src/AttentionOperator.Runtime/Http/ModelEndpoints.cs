using System.Text.Json;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Runtime.Serving;

namespace AttentionOperator.Runtime.Http;

/// <summary><c>/v1/models</c>: what is served, and everything that a gateway compares.</summary>
internal static class ModelEndpoints
{
    public static Task ListAsync(RequestScope scope) => JsonText.WriteAsync(scope.Context, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("object", "list");
        writer.WriteStartArray("data");
        Write(writer, scope.Model);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    public static Task GetAsync(RequestScope scope)
    {
        scope.CheckModel(scope.Context.GetRouteValue("model") as string ?? "");
        return JsonText.WriteAsync(scope.Context, writer => Write(writer, scope.Model));
    }

    private static void Write(Utf8JsonWriter writer, ServedModel model)
    {
        var configuration = model.Configuration;
        writer.WriteStartObject();
        writer.WriteString("id", model.Name);
        writer.WriteString("object", "model");
        writer.WriteNumber("created", model.LoadedAt.ToUnixTimeSeconds());
        writer.WriteString("owned_by", configuration.Namespace);
        writer.WriteNumber("max_model_len", model.MaxPositions);
        writer.WriteStartObject("attention");
        writer.WriteString("task", configuration.Task.ToString());
        writer.WriteString("revision", configuration.Revision);
        writer.WriteString("tokenizer_fingerprint", model.Tokenizer.Fingerprint);
        writer.WriteString("model_digest", model.ModelDigest);
        writer.WriteBoolean("chat_template", model.ChatTemplate is not null);
        if (model.EmbeddingDimensions > 0) writer.WriteNumber("embedding_dimensions", model.EmbeddingDimensions);
        writer.WriteStartObject("limits");
        writer.WriteNumber("max_input_tokens", model.MaxInputTokens);
        if (model.MaxOutputTokens is { } output) writer.WriteNumber("max_output_tokens", output);
        else writer.WriteNull("max_output_tokens");
        writer.WriteNumber("max_batch_tokens", configuration.Limits.MaxBatchTokens);
        writer.WriteString("on_too_long", configuration.Limits.OnTooLong.ToString());
        writer.WriteEndObject();
        writer.WriteStartArray("endpoints");
        foreach (var path in PathsOf(configuration.Task)) writer.WriteStringValue(path);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string[] PathsOf(ModelTask task) => task switch
    {
        ModelTask.Embed => ["/v1/embeddings"],
        ModelTask.Rerank => ["/v1/rerank"],
        ModelTask.Classify => ["/v1/classify"],
        _ => ["/v1/completions", "/v1/chat/completions"],
    };
}
