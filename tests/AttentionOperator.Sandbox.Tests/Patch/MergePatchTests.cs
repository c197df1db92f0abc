using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Patch;
using CsCheck;

namespace AttentionOperator.Sandbox.Tests.Patch;

/// <summary>The examples of RFC 7396 for objects, and its laws.</summary>
public sealed class MergePatchTests
{
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", "{}")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    [InlineData("""{"a":"text"}""", """{"a":{"b":1}}""", """{"a":{"b":1}}""")]
    public void Examples(string target, string patch, string expected) => AssertJson(expected, MergePatch.Apply(Object(target), Object(patch)));

    [Fact]
    public void Applying_again_changes_nothing_and_the_patch_stays_as_it_is()
    {
        Gen.Select(JsonGen.Object, JsonGen.Object).Sample((target, patch) =>
        {
            var before = patch.ToJsonString();
            var once = MergePatch.Apply((JsonObject)target.DeepClone(), patch);
            var twice = MergePatch.Apply((JsonObject)once.DeepClone(), patch);
            Assert.True(JsonNode.DeepEquals(once, twice));
            Assert.Equal(before, patch.ToJsonString());
            Assert.All(patch, p => Assert.True(p.Value is not null || !once.ContainsKey(p.Key)));
            Assert.All(target.Where(t => !patch.ContainsKey(t.Key)), t => Assert.True(JsonNode.DeepEquals(t.Value, once[t.Key])));
        }, iter: 500);
    }

    private static JsonObject Object(string text) => JsonNode.Parse(text)!.AsObject();

    private static void AssertJson(string expected, JsonNode actual) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual.ToJsonString());
}
