using System.Text.Json.Nodes;
using AttentionOperator.Kube.Apply;

namespace AttentionOperator.Kube.Tests.Apply;

public sealed class FieldPathTests
{
    private const string Document = """{"metadata":{"labels":{"app.kubernetes.io/name":"n","app":"m"}},"spec":{"replicas":3,"containers":[{"name":"a","image":"i","ports":[{"containerPort":80,"name":"http"}]},{"name":"b]","image":"j"}]}}""";

    [Theory]
    [InlineData(".spec.replicas", "\"replicas\":3,", "")]
    [InlineData(".metadata.labels.app.kubernetes.io/name", "\"app.kubernetes.io/name\":\"n\",", "")]
    [InlineData(".spec.containers[name=\"a\"].image", "\"image\":\"i\",", "")]
    [InlineData(".spec.containers[name=\"a\"].ports[containerPort=80,protocol=\"TCP\"].name", ",\"name\":\"http\"", "")]
    [InlineData(".spec.containers[name=\"b]\"].image", ",\"image\":\"j\"", "")]
    [InlineData(".spec.containers[name=\"b]\"]", ",{\"name\":\"b]\",\"image\":\"j\"}", "")]
    public void Remove_TakesTheFieldOut(string path, string part, string replacement)
    {
        JsonNode root = JsonNode.Parse(Document)!;
        Assert.True(FieldPath.Remove(root, path));
        Assert.Equal(Document.Replace(part, replacement, StringComparison.Ordinal), root.ToJsonString());
    }

    [Theory]
    [InlineData(".spec.nothing")]
    [InlineData(".spec.containers[name=\"c\"].image")]
    [InlineData(".spec.containers[name=")]
    [InlineData(".spec.containers[]")]
    [InlineData("")]
    public void Remove_UnknownField_ChangesNothing(string path)
    {
        JsonNode root = JsonNode.Parse(Document)!;
        Assert.False(FieldPath.Remove(root, path));
        Assert.Equal(Document, root.ToJsonString());
    }
}
