using System.Text.Json;
using AttentionOperator.Runtime.Http;

namespace AttentionOperator.Runtime.OpenAi;

/// <summary>The field <c>tool_choice</c>.</summary>
/// <param name="Forced">The answer must be a call.</param>
/// <param name="Name">Of this tool; null = of any.</param>
internal sealed record ToolChoice(bool Forced, string? Name = null)
{
    private const string Param = "tool_choice";

    /// <summary>The model decides.</summary>
    public static readonly ToolChoice Auto = new(false);

    /// <summary>The model does not see the tools.</summary>
    public static readonly ToolChoice None = new(false, "");

    public static ToolChoice Parse(JsonElement value, JsonElement? tools)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            switch (JsonFields.StringOf(value, Param))
            {
                case "auto":
                    return Auto;
                case "none":
                    return None;
                case "required":
                    return tools is null ? throw ApiErrors.Invalid("'tool_choice' is 'required', but there are no tools.", Param) : new ToolChoice(true);
                default:
                    throw ApiErrors.Unsupported("'tool_choice' must be 'auto', 'none', 'required' or name a function.", Param);
            }
        }

        var choice = new JsonFields(value, Param);
        if (choice.RequiredString("type") != "function") throw ApiErrors.Unsupported("'tool_choice.type' must be 'function'.", Param + ".type");
        var function = new JsonFields(choice.Required("function"), Param + ".function");
        var name = function.RequiredString("name");
        function.Finish();
        choice.Finish();
        var known = tools?.EnumerateArray().Any(t => t.GetProperty("function").GetProperty("name").ValueEquals(name)) == true;
        return known ? new ToolChoice(true, name) : throw ApiErrors.Invalid("'tool_choice.function.name' is not the name of one of the tools.", Param + ".function.name");
    }
}
