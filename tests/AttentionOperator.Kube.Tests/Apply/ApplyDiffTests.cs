using System.Text.Json;
using AttentionOperator.Kube.Apply;

namespace AttentionOperator.Kube.Tests.Apply;

public sealed class ApplyDiffTests
{
    private static readonly ListSchema Deployment = ListSchema.For("apps", "Deployment");

    [Theory]
    // What we do not state belongs to others: autoscaler's replicas, injected labels, defaults, sidecars.
    [InlineData("""{"spec":{"a":1}}""", """{"spec":{"a":1,"replicas":7}}""", null)]
    [InlineData("""{"metadata":{"labels":{"app":"x"}}}""", """{"metadata":{"labels":{"app":"x","istio.io/rev":"1"}}}""", null)]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"name":"a","image":"i"}]}}}}""", """{"spec":{"template":{"spec":{"containers":[{"name":"sidecar","image":"s"},{"name":"a","image":"i","imagePullPolicy":"Always"}]}}}}""", null)]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"name":"a","env":[{"name":"X","value":"1"}]}]}}}}""", """{"spec":{"template":{"spec":{"containers":[{"name":"a","env":[{"name":"INJECTED","value":"y"},{"name":"X","value":"1"}]}]}}}}""", null)]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80}]}]}}}}""", """{"spec":{"template":{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":"TCP"}]}]}}}}""", null)]
    // What we state must be so.
    [InlineData("""{"spec":{"a":1}}""", """{"spec":{"a":2}}""", "spec.a")]
    [InlineData("""{"spec":{"a":1}}""", """{"spec":{}}""", "spec.a")]
    [InlineData("""{"spec":{"a":1}}""", """{}""", "spec")]
    [InlineData("""{"metadata":{"labels":{"app":"x"}}}""", """{"metadata":{}}""", "metadata.labels")]
    [InlineData("""{"metadata":{"annotations":{"a":"x"}}}""", """{"metadata":{"annotations":{"a":"y"}}}""", "metadata.annotations.a")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"name":"a","image":"new"}]}}}}""", """{"spec":{"template":{"spec":{"containers":[{"name":"a","image":"old"}]}}}}""", "spec.template.spec.containers[0].image")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"name":"a"}]}}}}""", """{"spec":{"template":{"spec":{"containers":[{"name":"b"}]}}}}""", "spec.template.spec.containers[0]")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"name":"a","args":["x","y"]}]}}}}""", """{"spec":{"template":{"spec":{"containers":[{"name":"a","args":["y","x"]}]}}}}""", "spec.template.spec.containers[0].args[0]")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"name":"a","args":["x"]}]}}}}""", """{"spec":{"template":{"spec":{"containers":[{"name":"a","args":["x","y"]}]}}}}""", "spec.template.spec.containers[0].args")]
    [InlineData("""{"spec":{"template":{"spec":{"volumes":[{"name":"v","emptyDir":{}}]}}}}""", """{"spec":{"template":{"spec":{"volumes":[{"name":"v","hostPath":{"path":"/"}}]}}}}""", "spec.template.spec.volumes[0].emptyDir")]
    // Identity and the server's own metadata are not compared.
    [InlineData("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","namespace":"b"}}""", """{"metadata":{"name":"a","namespace":"b","uid":"u"}}""", null)]
    // Forms that the server rewrites.
    [InlineData("""{"spec":{"resources":{"limits":{"cpu":"1000m","memory":"1024Mi"}}}}""", """{"spec":{"resources":{"limits":{"cpu":"1","memory":"1Gi"}}}}""", null)]
    [InlineData("""{"spec":{"resources":{"limits":{"cpu":2}}}}""", """{"spec":{"resources":{"limits":{"cpu":"2"}}}}""", null)]
    [InlineData("""{"spec":{"resources":{"limits":{"cpu":"2"}}}}""", """{"spec":{"resources":{"limits":{"cpu":"3"}}}}""", "spec.resources.limits.cpu")]
    [InlineData("""{"spec":{"x":1.0}}""", """{"spec":{"x":1}}""", null)]
    [InlineData("""{"spec":{"cpu":"1000m"}}""", """{"spec":{"cpu":"1"}}""", "spec.cpu")]
    // Nothing stated.
    [InlineData("""{"spec":{"a":null,"list":[]}}""", """{"spec":{}}""", null)]
    [InlineData("""{"metadata":{"labels":{}}}""", """{"metadata":{}}""", null)]
    [InlineData("""{"spec":{"selector":{}}}""", """{"spec":{}}""", "spec.selector")]
    // Items of atomic lists are replaced as a whole: an optional field that was dropped is a change, a server default is none.
    [InlineData("""{"spec":{"template":{"spec":{"tolerations":[{"key":"gpu"}]}}}}""", """{"spec":{"template":{"spec":{"tolerations":[{"key":"gpu","effect":"NoSchedule"}]}}}}""", "spec.template.spec.tolerations[0]")]
    [InlineData("""{"spec":{"template":{"spec":{"tolerations":[{"key":"gpu"}]}}}}""", """{"spec":{"template":{"spec":{"tolerations":[{"key":"gpu","operator":"Equal"}]}}}}""", null)]
    public void FirstDifference_NamesTheField(string desired, string live, string? difference) =>
        Assert.Equal(difference, ApplyDiff.FirstDifference(Parse(desired), Parse(live), Deployment));

    [Fact]
    public void Sets_NeedTheirItemsInAnyOrder()
    {
        Assert.True(NoOp("""{"metadata":{"finalizers":["b","a"]}}""", """{"metadata":{"finalizers":["a","c","b"]}}"""));
        Assert.False(NoOp("""{"metadata":{"finalizers":["b","d"]}}""", """{"metadata":{"finalizers":["a","b"]}}"""));
    }

    [Fact]
    public void OwnerReferences_AreMatchedByUid()
    {
        Assert.True(NoOp("""{"metadata":{"ownerReferences":[{"uid":"2","name":"x"}]}}""", """{"metadata":{"ownerReferences":[{"uid":"1","name":"y"},{"uid":"2","name":"x","controller":true}]}}"""));
        Assert.False(NoOp("""{"metadata":{"ownerReferences":[{"uid":"3","name":"x"}]}}""", """{"metadata":{"ownerReferences":[{"uid":"2","name":"x"}]}}"""));
    }

    [Fact]
    public void Status_IsComparedOnlyForItsSubresource()
    {
        const string Desired = """{"metadata":{"labels":{"a":"b"}},"spec":{"x":1},"status":{"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}""";
        const string Live = """{"metadata":{},"spec":{"x":2},"status":{"conditions":[{"type":"Other","status":"False"},{"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:00.000000Z"}]}}""";
        Assert.True(ApplyDiff.IsNoOp(Parse(Desired), Parse(Live), ListSchema.Default, "status"));
        Assert.Equal("metadata.labels", ApplyDiff.FirstDifference(Parse(Desired), Parse(Live), ListSchema.Default));
    }

    [Fact]
    public void ServicePorts_AreMatchedByPortAndProtocol()
    {
        ListSchema service = ListSchema.For("", "Service");
        Assert.True(ApplyDiff.IsNoOp(
            Parse("""{"spec":{"ports":[{"port":53,"protocol":"UDP","targetPort":"dns"},{"port":53,"targetPort":"dns-tcp"}]}}"""),
            Parse("""{"spec":{"ports":[{"port":53,"protocol":"TCP","targetPort":"dns-tcp","nodePort":3},{"port":53,"protocol":"UDP","targetPort":"dns"}],"clusterIP":"10.0.0.1"}}"""),
            service));
    }

    private static bool NoOp(string desired, string live) => ApplyDiff.IsNoOp(Parse(desired), Parse(live), Deployment);

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
