using System.Text.Json.Nodes;
using AttentionOperator.Tokenization.ChatTemplates;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Tokenization.Tests.ChatTemplates;

public sealed class ChatTemplateTests
{
    private static readonly Dictionary<string, string> NoTokens = [];

    private static string Render(string source, ChatTemplateLimits? limits = null, TimeProvider? clock = null) =>
        new ChatTemplate(source, NoTokens, clock ?? TimeProvider.System, limits).Render([], addGenerationPrompt: false);

    [Theory]
    [InlineData("a\n{% include 'x' %}", "include", 2)]
    [InlineData("{% call f() %}{% endcall %}", "call", 1)]
    [InlineData("\n\n{% for a in b recursive %}{% endfor %}", "recursive", 3)]
    [InlineData("{% extends 'x' %}", "extends", 1)]
    [InlineData("{{ f(*x) }}", "unpacking", 1)]
    [InlineData("{% if true %}", "endif", 1)]
    public void Unsupported_constructs_are_named_with_their_line(string source, string construct, int line)
    {
        var error = Assert.Throws<ChatTemplateException>(() => new ChatTemplate(source, NoTokens, TimeProvider.System));
        Assert.Contains(construct, error.Message, StringComparison.Ordinal);
        Assert.Contains($"line {line}", error.Message, StringComparison.Ordinal);
        Assert.Equal(line, error.Line);
        Assert.False(error.IsRaisedByTemplate);
    }

    [Theory]
    [InlineData("\n{{ 'x' | groupby('a') }}", "groupby", 2)]
    [InlineData("{{ 1 is prime }}", "prime", 1)]
    [InlineData("{{ 'a'.format(1) }}", "format", 1)]
    [InlineData("{{ '%s' % 1 }}", "%", 1)]
    [InlineData("{{ strftime_now('%Q') }}", "%Q", 1)]
    public void Unsupported_functions_are_named_when_they_are_reached(string source, string construct, int line)
    {
        var error = Assert.Throws<ChatTemplateException>(() => Render(source));
        Assert.Contains(construct, error.Message, StringComparison.Ordinal);
        Assert.Equal(line, error.Line);
    }

    [Fact]
    public void The_date_comes_from_the_clock()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2024, 7, 4, 15, 6, 7, TimeSpan.Zero));
        Assert.Equal("04 Jul 2024|2024-07-04|4/7|03:06 PM|186", Render(
            "{{ strftime_now('%d %b %Y') }}|{{ strftime_now('%F') }}|{{ strftime_now('%-d/%-m') }}|{{ strftime_now('%I:%M %p') }}|{{ strftime_now('%j') }}", clock: clock));
    }

    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}")]
    [InlineData("{% set ns = namespace(x='aaaaaaaa') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}")]
    [InlineData("{{ 'a' * 99999999999 }}")]
    [InlineData("{{ [1] * 99999999999 }}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}")]
    [InlineData("{% for i in range(100000) %}{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' * 10 }}{% endfor %}")]
    [InlineData("{{ 'ab' | replace('a', 'b' * 1000000) | replace('b', 'c' * 1000000) }}")]
    [InlineData("{{ 2 ** 99999999 }}")]
    [InlineData("{{ 9223372036854775807 + 1 }}")]
    public void Hostile_templates_end_with_an_error(string source) =>
        Assert.Throws<ChatTemplateException>(() => Render(source, new ChatTemplateLimits(Steps: 2_000_000)));

    [Fact]
    public void Deeply_nested_templates_are_refused()
    {
        Assert.Throws<ChatTemplateException>(() => Render("{{ " + new string('(', 20_000) + "1" + new string(')', 20_000) + " }}"));
        Assert.Throws<ChatTemplateException>(() => Render("{{ " + string.Concat(Enumerable.Repeat("not ", 10_000)) + "1 }}"));
        Assert.Throws<ChatTemplateException>(() => Render("{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 10_000)) + " }}"));
        Assert.Throws<ChatTemplateException>(() => Render(string.Concat(Enumerable.Repeat("{% if true %}", 10_000))));
        Assert.Throws<ChatTemplateException>(() => Render("{{ x" + string.Concat(Enumerable.Repeat("[0]", 10_000)) + " }}"));
    }

    [Fact]
    public void Deeply_nested_input_is_refused()
    {
        JsonNode node = new JsonArray();
        for (var i = 0; i < 300; i++)
            node = new JsonArray(node);
        var template = new ChatTemplate("{{ messages }}", NoTokens, TimeProvider.System);
        Assert.Throws<ChatTemplateException>(() => template.Render(node.AsArray(), addGenerationPrompt: false));
    }

    [Fact]
    public void Random_templates_never_fail_in_another_way()
    {
        var random = new Random(7);
        string[] parts =
        [
            "{{ ", " }}", "{% ", " %}", "{%- ", " -%}", "{# ", " #}", "if ", "else", "endif", "for i in ", "endfor", "set x = ", "macro m(a)", "endmacro",
            "messages", "x", "i", "loop.index", "'s'", "1", "2.5", "none", "true", " + ", " ~ ", " | ", "tojson", "length", "join", "map('upper')", "(", ")", "[", "]",
            "{", "}", ":", ",", " is ", "defined", " not ", " in ", " and ", ".items()", ".split('a')", "range(3)", "\n", "  ", "text", "[::-1]", "namespace(a=1)",
        ];
        for (var n = 0; n < 20_000; n++)
        {
            var source = string.Concat(Enumerable.Range(0, random.Next(1, 25)).Select(_ => parts[random.Next(parts.Length)]));
            try
            {
                Render(source, new ChatTemplateLimits(Steps: 10_000));
            }
            catch (ChatTemplateException)
            {
            }
        }
    }

    [Fact]
    public void Rendering_is_thread_safe()
    {
        var template = new ChatTemplate(
            "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{{ m.content }}{% endfor %}{{ ns.n }}", NoTokens, TimeProvider.System);
        Parallel.For(0, 200, i =>
        {
            var messages = new JsonArray([.. Enumerable.Range(0, 20).Select(n => (JsonNode)new JsonObject { ["content"] = $"{i}," })]);
            Assert.Equal(string.Concat(Enumerable.Repeat($"{i},", 20)) + "20", template.Render(messages, addGenerationPrompt: false));
        });
    }
}
