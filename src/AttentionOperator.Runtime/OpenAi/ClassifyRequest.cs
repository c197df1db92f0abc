using System.Text.Json;
using AttentionOperator.Runtime.Http;

namespace AttentionOperator.Runtime.OpenAi;

/// <summary>Body of <c>POST /v1/classify</c>.</summary>
internal sealed record ClassifyRequest(string Model, IReadOnlyList<TextOrIds> Inputs)
{
    public static ClassifyRequest Parse(JsonElement body, int vocabularySize)
    {
        var fields = new JsonFields(body);
        fields.Ignore("user");
        var request = new ClassifyRequest(
            fields.RequiredString("model"),
            CompletionRequest.PromptsOf(fields.Required("input"), "input", vocabularySize, EmbeddingRequest.MaxInputs));
        fields.Finish();
        return request;
    }
}
