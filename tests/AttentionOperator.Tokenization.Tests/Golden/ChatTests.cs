using AttentionOperator.Tokenization.ChatTemplates;

namespace AttentionOperator.Tokenization.Tests.Golden;

public sealed class ChatTests
{
    [Theory]
    [MemberData(nameof(GoldenFixture.WithChat), MemberType = typeof(GoldenFixture))]
    public void Chat_templates_render_as_the_reference(string name)
    {
        var fixture = GoldenFixture.Get(name);
        var template = fixture.Loaded.ChatTemplate;
        Assert.NotNull(template);
        foreach (var item in fixture.Golden["chat"]!.AsArray())
        {
            string Render() => template.Render(
                item!["messages"]!.AsArray(),
                item["add_generation_prompt"]!.GetValue<bool>(),
                item["tools"]?.AsArray(),
                item["extra_variables"]?.AsObject());
            if (item!["error"] is { } error)
            {
                var refusal = Assert.Throws<ChatTemplateException>(Render);
                Assert.True(refusal.IsRaisedByTemplate);
                Assert.Equal(error.GetValue<string>(), refusal.Message);
                continue;
            }
            var rendered = Render();
            Assert.Equal(item["rendered"]!.GetValue<string>(), rendered);
            Assert.Equal(GoldenFixture.Integers(item["ids"]), fixture.Tokenizer.Encode(rendered, addSpecialTokens: false).Ids);
        }
    }
}
