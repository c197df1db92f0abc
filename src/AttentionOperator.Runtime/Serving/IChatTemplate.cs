using System.Text.Json;

namespace AttentionOperator.Runtime.Serving;

/// <summary>A model's chat template. Thread-safe.</summary>
internal interface IChatTemplate
{
    /// <summary>The template's text; what it mentions tells what it can do.</summary>
    string Source { get; }

    /// <summary>Renders the conversation. Throws <see cref="ChatTemplateRefusedException"/> where the template refuses it.</summary>
    /// <param name="messages">JSON array of messages.</param>
    /// <param name="tools">JSON array of tools; null = none.</param>
    /// <param name="variables">JSON object of further template variables; null = none.</param>
    /// <param name="addGenerationPrompt">End with the start of an assistant's message.</param>
    string Render(JsonElement messages, JsonElement? tools, JsonElement? variables, bool addGenerationPrompt);
}

/// <summary>The template does not take this conversation.</summary>
/// <param name="message">The template's own words, or what it does that is not supported.</param>
/// <param name="byTemplate">The template itself refuses; the input is at fault.</param>
internal sealed class ChatTemplateRefusedException(string message, bool byTemplate, Exception? inner = null) : Exception(message, inner)
{
    public bool ByTemplate { get; } = byTemplate;
}
