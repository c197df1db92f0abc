using System.Text;
using System.Text.Json;
using AttentionOperator.Kube.Apply;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Tests.Apply;

public sealed class OwnedFieldsTests
{
    // As a 1.35 server writes it for an applied Deployment.
    private const string Owned = """
        {"f:metadata":{"f:labels":{"f:app.kubernetes.io/name":{}},"f:ownerReferences":{"k:{\"uid\":\"u1\"}":{}},"f:finalizers":{"v:\"x/y\"":{}}},
         "f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:name":{},"f:image":{},"f:args":{},
           "f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},
           "f:env":{"k:{\"name\":\"E\"}":{".":{},"f:name":{},"f:value":{}}}}}}}}}
        """;

    private const string Desired = """
        {"metadata":{"labels":{"app.kubernetes.io/name":"n"},"ownerReferences":[{"uid":"u1","name":"o"}],"finalizers":["x/y"]},
         "spec":{"template":{"spec":{"containers":[{"name":"a","image":"i","args":["x"],"ports":[{"containerPort":80}],"env":[{"name":"E","value":"1"}]}]}}}}
        """;

    [Fact]
    public void EverythingOwnedIsStated_NothingGoes() => Assert.Null(First(Desired));

    [Theory]
    [InlineData("\"image\":\"i\",", "", "image")]
    [InlineData("{\"name\":\"E\",\"value\":\"1\"}", "", "{\"name\":\"E\"}")]
    [InlineData("{\"containerPort\":80}", "{\"containerPort\":81}", "80")]
    [InlineData("\"x/y\"", "", "x/y")]
    [InlineData("\"uid\":\"u1\"", "\"uid\":\"u2\"", "u1")]
    [InlineData("\"app.kubernetes.io/name\":\"n\"", "", "app.kubernetes.io/name")]
    [InlineData("\"name\":\"a\",\"image\"", "\"name\":\"b\",\"image\"", "{\"name\":\"a\"}")]
    public void FieldNoLongerStated_IsFound(string part, string replacement, string contained) =>
        Assert.Contains(contained, First(Desired.Replace(part, replacement, StringComparison.Ordinal)), StringComparison.Ordinal);

    [Fact]
    public void IsNoOp_SeesRemovalsOnlyWhereOwnershipIsKnown()
    {
        const string Live = """{"metadata":{"name":"a","namespace":"ns","uid":"u","resourceVersion":"1","managedFields":[{"manager":"me","operation":"Apply","fieldsV1":{"f:data":{"f:x":{},"f:gone":{}}}}]},"data":{"x":"1","gone":"2"}}""";
        var resource = new ResourceKind("", "v1", "configmaps", "ConfigMap");
        JsonElement desired = JsonDocument.Parse("""{"data":{"x":"1"}}""").RootElement;
        byte[] json = Encoding.UTF8.GetBytes(Live);

        Assert.Equal("data.gone", ApplyDiff.FirstDifference(desired, new KubeObjectCodec(resource, "me").Decode(json), "me"));
        Assert.True(ApplyDiff.IsNoOp(desired, new KubeObjectCodec(resource).Decode(json), "me"));
        // Equal, but never applied by us: the first apply takes ownership.
        Assert.Equal("metadata.managedFields", ApplyDiff.FirstDifference(desired, new KubeObjectCodec(resource, "somebody").Decode(json), "somebody"));
    }

    [Theory]
    [InlineData("""{"metadata":{"managedFields":[{"manager":"me"}],"name":"a"}}""", """{"metadata":{"name":"a"}}""")]
    [InlineData("""{"metadata":{"name":"a","managedFields":[1]}}""", """{"metadata":{"name":"a"}}""")]
    [InlineData("""{"metadata":{"name":"a", "managedFields" : [] , "uid":"u"},"x":1}""", """{"metadata":{"name":"a", "uid":"u"},"x":1}""")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"managedFields":1}}""", """{"metadata":{"name":"a"},"spec":{"managedFields":1}}""")]
    public void Codec_CutsManagedFieldsOutAndStaysJson(string sent, string kept)
    {
        KubeObject value = new KubeObjectCodec(new ResourceKind("", "v1", "configmaps", "ConfigMap")).Decode(Encoding.UTF8.GetBytes(sent));
        using JsonDocument actual = value.Parse();
        using JsonDocument expected = JsonDocument.Parse(kept);
        Assert.True(JsonElement.DeepEquals(expected.RootElement, actual.RootElement), Encoding.UTF8.GetString(value.Json.Span));
    }

    private static string? First(string desired) =>
        OwnedFields.FirstUnstated(JsonDocument.Parse(Owned).RootElement, JsonDocument.Parse(desired.Replace("[,", "[", StringComparison.Ordinal)).RootElement);
}
