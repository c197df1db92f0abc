using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Patch;
using AttentionOperator.Sandbox.Schema;
using k8s.Models;

namespace AttentionOperator.Sandbox.Tests.Patch;

public sealed class StrategicMergePatchTests
{
    [Theory]
    // Containers merge by name, ports by containerPort, and what is new comes last.
    [InlineData("""{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}""", """{"containers":[{"name":"b","image":"2"},{"name":"c","image":"1"}]}""", """{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"},{"name":"c","image":"1"}]}""")]
    [InlineData("""{"containers":[{"name":"a","env":[{"name":"x","value":"1"},{"name":"y","value":"1"}]}]}""", """{"containers":[{"name":"a","env":[{"name":"y","value":"2"}]}]}""", """{"containers":[{"name":"a","env":[{"name":"x","value":"1"},{"name":"y","value":"2"}]}]}""")]
    [InlineData("""{"containers":[{"name":"a"},{"name":"b"}]}""", """{"containers":[{"name":"a","$patch":"delete"}]}""", """{"containers":[{"name":"b"}]}""")]
    [InlineData("""{"containers":[{"name":"a"},{"name":"b"}]}""", """{"containers":[{"$patch":"replace"},{"name":"c"}]}""", """{"containers":[{"name":"c"}]}""")]
    // Lists without a strategy are replaced.
    [InlineData("""{"tolerations":[{"key":"a"}]}""", """{"tolerations":[{"key":"b"}]}""", """{"tolerations":[{"key":"b"}]}""")]
    [InlineData("""{"containers":[{"name":"a","args":["1","2"]}]}""", """{"containers":[{"name":"a","args":["3"]}]}""", """{"containers":[{"name":"a","args":["3"]}]}""")]
    // Maps merge, null deletes, $patch replaces or deletes the whole.
    [InlineData("""{"nodeSelector":{"a":"1","b":"2"}}""", """{"nodeSelector":{"a":null,"c":"3"}}""", """{"nodeSelector":{"b":"2","c":"3"}}""")]
    [InlineData("""{"nodeSelector":{"a":"1"}}""", """{"nodeSelector":{"$patch":"replace","c":"3"}}""", """{"nodeSelector":{"c":"3"}}""")]
    [InlineData("""{"nodeSelector":{"a":"1"},"hostname":"h"}""", """{"nodeSelector":{"$patch":"delete"}}""", """{"hostname":"h"}""")]
    // A volume's source is replaced when retainKeys says what may stay.
    [InlineData("""{"volumes":[{"name":"v","emptyDir":{}}]}""", """{"volumes":[{"$retainKeys":["name","configMap"],"name":"v","configMap":{"name":"c"}}]}""", """{"volumes":[{"name":"v","configMap":{"name":"c"}}]}""")]
    // The order of the patch wins where it names one.
    [InlineData("""{"containers":[{"name":"a"},{"name":"b"}]}""", """{"$setElementOrder/containers":[{"name":"c"},{"name":"b"},{"name":"a"}],"containers":[{"name":"c"}]}""", """{"containers":[{"name":"c"},{"name":"b"},{"name":"a"}]}""")]
    public void Of_pods(string target, string patch, string expected) => AssertPatched(typeof(V1PodSpec), target, patch, expected);

    [Theory]
    [InlineData("""{"finalizers":["a","b"]}""", """{"finalizers":["b","c"]}""", """{"finalizers":["a","b","c"]}""")]
    [InlineData("""{"finalizers":["a","b"]}""", """{"$deleteFromPrimitiveList/finalizers":["a"]}""", """{"finalizers":["b"]}""")]
    [InlineData("""{"finalizers":["a","b"]}""", """{"$deleteFromPrimitiveList/finalizers":["a"],"$setElementOrder/finalizers":["c","b"],"finalizers":["c"]}""", """{"finalizers":["c","b"]}""")]
    [InlineData("""{"ownerReferences":[{"uid":"1","name":"a"}]}""", """{"ownerReferences":[{"uid":"2","name":"b"}]}""", """{"ownerReferences":[{"uid":"1","name":"a"},{"uid":"2","name":"b"}]}""")]
    public void Of_metadata(string target, string patch, string expected) => AssertPatched(typeof(V1ObjectMeta), target, patch, expected);

    [Fact]
    public void An_item_without_its_merge_key_or_an_unknown_directive_is_refused()
    {
        var schema = ReflectedSchemas.Shared.Of(typeof(V1PodSpec));
        var refused = Assert.Throws<ApiException>(() => StrategicMergePatch.Apply([], Object("""{"containers":[{"image":"1"}]}"""), schema));
        Assert.Equal(400, refused.Code);
        Assert.Contains("does not contain declared merge key: name", refused.Message, StringComparison.Ordinal);
        Assert.Equal(400, Assert.Throws<ApiException>(() => StrategicMergePatch.Apply([], Object("""{"$patch":"frob"}"""), schema)).Code);
    }

    private static void AssertPatched(Type type, string target, string patch, string expected)
    {
        var actual = StrategicMergePatch.Apply(Object(target), Object(patch), ReflectedSchemas.Shared.Of(type));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual.ToJsonString());
    }

    private static JsonObject Object(string text) => JsonNode.Parse(text)!.AsObject();
}
