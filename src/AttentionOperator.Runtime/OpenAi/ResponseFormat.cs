using AttentionOperator.Runtime.Http;

namespace AttentionOperator.Runtime.OpenAi;

/// <summary>The field <c>response_format</c>.</summary>
internal static class ResponseFormat
{
    private const string AnyObject = """{"type":"object"}""";

    /// <summary>The JSON schema that the answer must satisfy; null = free text.</summary>
    public static string? Parse(JsonFields fields)
    {
        if (fields.Element("response_format") is not { } value) return null;
        var format = new JsonFields(value, "response_format");
        var type = format.RequiredString("type");
        switch (type)
        {
            case "text":
                format.Finish();
                return null;
            case "json_object":
                format.Finish();
                return AnyObject;
            case "json_schema":
                var inner = new JsonFields(format.Required("json_schema"), "response_format.json_schema");
                inner.Ignore("name", "description", "strict");
                var schema = inner.Element("schema");
                inner.Finish();
                format.Finish();
                return schema?.GetRawText() ?? AnyObject;
            default:
                throw ApiErrors.Unsupported($"'response_format.type' is '{(type.Length > 40 ? type[..40] : type)}'; text, json_object and json_schema are supported.", "response_format.type");
        }
    }
}
