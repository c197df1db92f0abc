using System.Text;
using System.Text.Json;
using AttentionOperator.Runtime.Serving;

namespace AttentionOperator.Runtime.Tests.Fakes;

/// <summary><c>role: content</c> lines; refuses a conversation that begins with an assistant's message.</summary>
internal sealed class PlainTemplate(string source = "plain") : IChatTemplate
{
    public string Source => source;

    public string Render(JsonElement messages, JsonElement? tools, JsonElement? variables, bool addGenerationPrompt)
    {
        if (messages[0].GetProperty("role").GetString() == "assistant") throw new ChatTemplateRefusedException("the assistant cannot begin", byTemplate: true);
        var text = new StringBuilder();
        if (tools is { } list) text.Append("tools: ").Append(list.GetArrayLength()).Append('\n');
        foreach (var message in messages.EnumerateArray())
        {
            text.Append(message.GetProperty("role").GetString()).Append(": ").Append(message.GetProperty("content").GetString()).Append('\n');
        }

        if (addGenerationPrompt) text.Append("assistant: ");
        return text.ToString();
    }
}
