using System.Text.Json.Nodes;
using AttentionOperator.Tokenization.ChatTemplates;

namespace AttentionOperator.Tokenization.Tests.ChatTemplates;

/// <summary>jinja-cases.json holds templates with what Jinja 3.1.6 makes of them (sandbox of immutable values, trim_blocks, lstrip_blocks, loop controls).</summary>
public sealed class JinjaTests
{
    private static readonly JsonObject File = Load();

    public static TheoryData<int> Cases() => [.. Enumerable.Range(0, File["cases"]!.AsArray().Count)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Renders_as_the_reference_implementation(int index)
    {
        var item = File["cases"]![index]!;
        var variables = File["variables"]!.AsObject();
        string Render() => new ChatTemplate(item["template"]!.GetValue<string>(), new Dictionary<string, string>(), TimeProvider.System)
            .Render(variables["messages"]!.AsArray(), addGenerationPrompt: true, variables["tools"]!.AsArray(), variables);
        if (item["error"] is not null)
            Assert.Throws<ChatTemplateException>(Render);
        else
            Assert.Equal(item["rendered"]!.GetValue<string>(), Render());
    }

    private static JsonObject Load()
    {
        using var stream = typeof(JinjaTests).Assembly.GetManifestResourceStream("jinja-cases.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }
}
