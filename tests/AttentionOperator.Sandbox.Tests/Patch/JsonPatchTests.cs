using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Patch;
using CsCheck;

namespace AttentionOperator.Sandbox.Tests.Patch;

public sealed class JsonPatchTests
{
    [Theory]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"foo":"bar","baz":"qux"}""")]
    [InlineData("""{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":["abc"]}]""", """{"foo":["bar",["abc"]]}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/1","value":"end"}]""", """{"foo":["bar","end"]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"remove","path":"/baz"}]""", """{"foo":"bar"}""")]
    [InlineData("""{"foo":["bar","qux","baz"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"replace","path":"/baz","value":"boo"}]""", """{"baz":"boo","foo":"bar"}""")]
    [InlineData("""{"foo":[1,2,3]}""", """[{"op":"replace","path":"/foo/1","value":9}]""", """{"foo":[1,9,3]}""")]
    [InlineData("""{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}""", """[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]""", """{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}""")]
    [InlineData("""{"foo":["all","grass","cows","eat"]}""", """[{"op":"move","from":"/foo/1","path":"/foo/3"}]""", """{"foo":["all","cows","eat","grass"]}""")]
    [InlineData("""{"a":{"b":1}}""", """[{"op":"copy","from":"/a","path":"/c"},{"op":"replace","path":"/c/b","value":2}]""", """{"a":{"b":1},"c":{"b":2}}""")]
    [InlineData("""{"baz":"qux","foo":["a",2,"c"]}""", """[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]""", """{"baz":"qux","foo":["a",2,"c"]}""")]
    [InlineData("""{"/":9,"~1":10}""", """[{"op":"test","path":"/~01","value":10},{"op":"replace","path":"/~1","value":8}]""", """{"/":8,"~1":10}""")]
    [InlineData("""{"foo":null}""", """[{"op":"test","path":"/foo","value":null},{"op":"add","path":"/bar","value":null}]""", """{"foo":null,"bar":null}""")]
    [InlineData("""{"foo":1}""", """[{"op":"add","path":"","value":{"bar":2}}]""", """{"bar":2}""")]
    public void Examples(string target, string patch, string expected)
    {
        var actual = JsonPatch.Apply(Object(target), JsonNode.Parse(patch)!.AsArray());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual.ToJsonString());
    }

    [Theory]
    [InlineData("""[{"op":"add","path":"/baz/bat","value":"qux"}]""", 422)]
    [InlineData("""[{"op":"add","path":"/list/4","value":1}]""", 422)]
    [InlineData("""[{"op":"add","path":"/list/x","value":1}]""", 422)]
    [InlineData("""[{"op":"add","path":"/list/-1","value":1}]""", 422)]
    [InlineData("""[{"op":"remove","path":"/none"}]""", 422)]
    [InlineData("""[{"op":"remove","path":"/list/2"}]""", 422)]
    [InlineData("""[{"op":"replace","path":"/none","value":1}]""", 422)]
    [InlineData("""[{"op":"test","path":"/foo","value":"other"}]""", 422)]
    [InlineData("""[{"op":"test","path":"/none","value":1}]""", 422)]
    [InlineData("""[{"op":"move","from":"/none","path":"/a"}]""", 422)]
    [InlineData("""[{"op":"copy","from":"/none","path":"/a"}]""", 422)]
    [InlineData("""[{"op":"remove","path":"foo"}]""", 422)]
    [InlineData("""[{"op":"replace","path":"","value":[1]}]""", 400)]
    [InlineData("""[{"op":"frob","path":"/foo"}]""", 400)]
    [InlineData("""[{"op":"move","path":"/foo"}]""", 400)]
    [InlineData("""[{"op":"add"}]""", 400)]
    [InlineData("[1]", 400)]
    public void What_does_not_apply_is_refused(string patch, int code)
    {
        var refused = Assert.Throws<ApiException>(() => JsonPatch.Apply(Object("""{"foo":"bar","list":[1,2]}"""), JsonNode.Parse(patch)!.AsArray()));
        Assert.Equal(code, refused.Code);
    }

    [Fact]
    public void Adding_what_differs_member_by_member_turns_one_object_into_another()
    {
        Gen.Select(JsonGen.Object, JsonGen.Object).Sample((from, to) =>
        {
            var operations = new JsonArray();
            foreach (var (name, _) in from.Where(m => !to.ContainsKey(m.Key))) operations.Add(Operation("remove", name, null));
            foreach (var (name, value) in to) operations.Add(Operation("add", name, value));
            foreach (var (name, value) in to) operations.Add(Operation("test", name, value));
            Assert.True(JsonNode.DeepEquals(to, JsonPatch.Apply((JsonObject)from.DeepClone(), operations)));
        }, iter: 300);
    }

    private static JsonObject Operation(string op, string name, JsonNode? value) => new()
    {
        ["op"] = op,
        ["path"] = "/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal),
        ["value"] = value?.DeepClone(),
    };

    private static JsonObject Object(string text) => JsonNode.Parse(text)!.AsObject();
}
