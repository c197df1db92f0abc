using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Children;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Tests.Manifests;
using k8s.Models;

namespace AttentionOperator.Tests.Children;

public sealed class RevisionRendererTests
{
    private static readonly AttentionModel Model = new()
    {
        Metadata = new V1ObjectMeta { Name = "chat", NamespaceProperty = "demo", Uid = "uid" },
        Spec = new AttentionModelSpec { Model = new ModelSource { Uri = "pvc://models/austen-v1" } },
    };

    [Theory]
    [InlineData("pvc://models/a/b", null, "/models/a/b", null)]
    [InlineData("pvc://models", null, "/models", null)]
    [InlineData("file:///var/lib/models/a", null, "/models", null)]
    [InlineData("pvc://models/a", "pvc://tokenizers/t", "/models/a", "/tokenizers/t")]
    public void Artifacts_reach_the_runtime_as_arguments(string model, string? tokenizer, string modelPath, string? tokenizerPath)
    {
        var spec = Model.Spec with { Model = new ModelSource { Uri = model }, Tokenizer = tokenizer is null ? null : new TokenizerSource { Uri = tokenizer } };
        var pod = Deployment(spec).Spec.Template.Spec;
        string[] expected = ["serve", "--config", "/etc/attention/runtime.json", "--model", modelPath, .. tokenizerPath is null ? (string[])[] : ["--tokenizer", tokenizerPath]];
        Assert.Equal(expected, pod.Containers[0].Args);
        Assert.All(pod.Containers[0].VolumeMounts.Where(mount => mount.Name != "tmp"), mount => Assert.True(mount.ReadOnlyProperty));
        Assert.All(pod.Containers[0].VolumeMounts, mount => Assert.Contains(pod.Volumes, volume => volume.Name == mount.Name));
    }

    [Fact]
    public void Pods_meet_the_restricted_profile_and_hold_no_token()
    {
        var pod = Deployment(Model.Spec).Spec.Template.Spec;
        RestrictedProfile.Check(pod);
        Assert.False(pod.AutomountServiceAccountToken);
        Assert.False(ModelChildren.ServiceAccount(Model).AutomountServiceAccountToken);
    }

    [Fact]
    public void Selectors_of_deployment_and_service_find_the_pods()
    {
        var deployment = Deployment(Model.Spec);
        var service = Render(Model.Spec).OfType<V1Service>().Single();
        foreach (var (key, value) in deployment.Spec.Selector.MatchLabels.Concat(service.Spec.Selector))
        {
            Assert.Equal(value, deployment.Spec.Template.Metadata.Labels[key]);
        }

        Assert.Equal("None", service.Spec.ClusterIP);
        // EndpointSlices get the Service's labels; the gateway finds them by these.
        Assert.Equal(("chat", "bcdfghjk"), (service.Metadata.Labels[LabelNames.Model], service.Metadata.Labels[LabelNames.Revision]));
    }

    [Fact]
    public void Configuration_is_what_the_runtime_reads()
    {
        var json = Render(Model.Spec).OfType<V1ConfigMap>().Single().Data[RuntimeLayout.ConfigFile];
        var read = KubeJson.Deserialize<RuntimeConfiguration>(System.Text.Encoding.UTF8.GetBytes(json));
        Assert.Equal(("chat", "demo", "bcdfghjk"), (read.Model, read.Namespace, read.Revision));
    }

    [Fact]
    public void Nothing_but_the_snapshot_shapes_the_pods()
    {
        var snapshot = RevisionSnapshot.Of(Model.Spec, "image");
        var other = new AttentionModel
        {
            Metadata = new V1ObjectMeta { Name = "chat", NamespaceProperty = "demo", Uid = "uid", Generation = 9, Annotations = new Dictionary<string, string> { ["a"] = "b" } },
            Spec = new AttentionModelSpec { Replicas = 9, Task = ModelTask.Embed },
        };
        Assert.Equal(Json(Model), Json(other));

        byte[] Json(AttentionModel model) => KubeJson.Serialize(RevisionRenderer.Render(model, "bcdfghjk", snapshot, 2).OfType<V1Deployment>().Single());
    }

    [Fact]
    public void Accelerators_leave_no_room_for_a_surge()
    {
        var gpu = Deployment(Model.Spec with { Resources = new ResourcesSpec { Accelerator = new AcceleratorSpec { Count = 2 } } });
        Assert.Equal("0", gpu.Spec.Strategy.RollingUpdate.MaxSurge.Value.ToString());
        Assert.Equal("2", gpu.Spec.Template.Spec.Containers[0].Resources.Limits["nvidia.com/gpu"].ToString());
        Assert.Contains(gpu.Spec.Template.Spec.Tolerations, toleration => toleration.Key == "nvidia.com/gpu");
    }

    private static IEnumerable<object> Render(AttentionModelSpec spec) => RevisionRenderer.Render(Model, "bcdfghjk", RevisionSnapshot.Of(spec, "image"), 2);

    private static V1Deployment Deployment(AttentionModelSpec spec) => Render(spec).OfType<V1Deployment>().Single();
}
