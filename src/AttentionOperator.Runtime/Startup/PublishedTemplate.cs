using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Runtime.Serving;
using AttentionOperator.Tokenization.ChatTemplates;

namespace AttentionOperator.Runtime.Startup;

/// <summary>The chat template of a published directory.</summary>
internal sealed class PublishedTemplate(ChatTemplate template) : IChatTemplate
{
    public string Source => template.Source;

    public string Render(JsonElement messages, JsonElement? tools, JsonElement? variables, bool addGenerationPrompt)
    {
        try
        {
            return template.Render(
                JsonArray.Create(messages)!,
                addGenerationPrompt,
                tools is { } list ? JsonArray.Create(list) : null,
                variables is { } extra ? JsonObject.Create(extra) : null);
        }
        catch (ChatTemplateException e)
        {
            throw new ChatTemplateRefusedException(e.Message, e.IsRaisedByTemplate, e);
        }
    }
}
