using AttentionOperator.Packaging.Tests.Manifests;

namespace AttentionOperator.Packaging.Tests.Rendering;

public sealed class AirGappedTests
{
    [Fact]
    public async Task Every_image_comes_from_the_registry_of_the_values()
    {
        var objects = await Chart.ObjectsAsync("--set", "global.imageRegistry=registry.example.com:5000/mirror/", "--set", "global.imagePullSecrets={pull}");
        var pods = Pods.In(objects).ToList();
        Assert.Equal(2, pods.Count);
        Assert.All(pods, pod => Assert.Equal("pull", (string)pod.Spec["imagePullSecrets"]![0]!["name"]!));
        var images = pods.SelectMany(pod => pod.Spec["containers"]!.AsArray()).Select(container => (string)container!["image"]!).ToList();
        Assert.All(images, image => Assert.StartsWith("registry.example.com:5000/mirror/attention-", image, StringComparison.Ordinal));
        var runtime = pods.SelectMany(pod => pod.Spec["containers"]!.AsArray()).SelectMany(container => container!["args"]?.AsArray().Select(argument => (string)argument!) ?? []).Single(argument => argument.StartsWith("--runtime-image=", StringComparison.Ordinal));
        Assert.StartsWith("--runtime-image=registry.example.com:5000/mirror/attention-runtime:", runtime, StringComparison.Ordinal);
    }
}
