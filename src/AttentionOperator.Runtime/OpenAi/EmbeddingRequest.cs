using System.Text.Json;
using AttentionOperator.Runtime.Http;

namespace AttentionOperator.Runtime.OpenAi;

/// <summary>Body of <c>POST /v1/embeddings</c>.</summary>
internal sealed record EmbeddingRequest(string Model, IReadOnlyList<TextOrIds> Inputs, bool Base64, int? Dimensions)
{
    public const int MaxInputs = 2048;

    public static EmbeddingRequest Parse(JsonElement body, int vocabularySize, int modelDimensions)
    {
        var fields = new JsonFields(body);
        fields.Ignore("user");
        var encoding = fields.String("encoding_format") ?? "float";
        if (encoding is not ("float" or "base64")) throw ApiErrors.Invalid("'encoding_format' must be 'float' or 'base64'.", "encoding_format");
        var request = new EmbeddingRequest(
            fields.RequiredString("model"),
            CompletionRequest.PromptsOf(fields.Required("input"), "input", vocabularySize, MaxInputs),
            encoding == "base64",
            (int?)fields.Integer("dimensions", 1, Math.Max(1, modelDimensions)));
        fields.Finish();
        return request;
    }
}
