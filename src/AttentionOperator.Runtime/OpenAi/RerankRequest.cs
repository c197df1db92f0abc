using System.Text.Json;
using AttentionOperator.Runtime.Http;

namespace AttentionOperator.Runtime.OpenAi;

/// <summary>Body of <c>POST /v1/rerank</c>.</summary>
internal sealed record RerankRequest(string Model, string Query, IReadOnlyList<string> Documents, int? Top, bool ReturnDocuments, bool RawScores)
{
    public const int MaxDocuments = 1024;

    public static RerankRequest Parse(JsonElement body)
    {
        var fields = new JsonFields(body);
        fields.Ignore("user");
        var list = fields.Required("documents");
        if (list.ValueKind != JsonValueKind.Array) throw JsonFields.WrongType(list, "documents", "an array");
        if (list.GetArrayLength() is 0 or > MaxDocuments) throw ApiErrors.Invalid($"'documents' has {list.GetArrayLength()} entries; 1 to {MaxDocuments} are allowed.", "documents");
        var documents = new List<string>();
        foreach (var item in list.EnumerateArray())
        {
            var path = $"documents[{documents.Count}]";
            if (item.ValueKind != JsonValueKind.Object)
            {
                documents.Add(JsonFields.StringOf(item, path));
                continue;
            }

            var document = new JsonFields(item, path);
            documents.Add(document.RequiredString("text"));
            document.Finish();
        }

        var request = new RerankRequest(
            fields.RequiredString("model"),
            fields.RequiredString("query"),
            documents,
            (int?)fields.Integer("top_n", 1, int.MaxValue),
            fields.Boolean("return_documents") ?? false,
            fields.Boolean("raw_scores") ?? false);
        fields.Finish();
        return request;
    }
}
