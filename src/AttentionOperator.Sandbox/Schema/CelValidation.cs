using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;

namespace AttentionOperator.Sandbox.Schema;

internal static class CelValidation
{
    public static void Validate(JsonObject obj, JsonObject? live, SchemaNode schema, List<FieldError> errors)
    {
    }
}
