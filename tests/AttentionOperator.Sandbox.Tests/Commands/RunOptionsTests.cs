using AttentionOperator.Sandbox.Commands;

namespace AttentionOperator.Sandbox.Tests.Commands;

public sealed class RunOptionsTests
{
    [Fact]
    public void Parse_ReadsEveryFlag()
    {
        var options = RunOptions.Parse(
        [
            "--data-dir", "/data", "--port=6443", "--kubeconfig", "/k", "--node", "name=gpu-1,gpus=2,memory=32Gi,label.zone=a,taint.gpu=yes:NoSchedule,resource.example.org/x=3",
            "--node=second", "--volume", "models=/m", "--image", "attention-runtime=dotnet /opt/r.dll", "--apply", "one", "--apply=two", "--ready-file", "/r",
            "--faked-pods", "--hpa-interval", "2", "--exit-on-stdin-close",
        ]);

        Assert.Equal(("/data", 6443, "/k", "/r"), (options.Settings.DataDirectory, options.Settings.Port, options.Settings.KubeConfig, options.ReadyFile));
        Assert.Equal(["gpu-1", "second"], options.Settings.Nodes.Select(n => n.Name));
        var node = options.Settings.Nodes[0];
        Assert.Equal(("2", "32Gi", "3"), (node.Capacity["nvidia.com/gpu"], node.Capacity["memory"], node.Capacity["example.org/x"]));
        Assert.Equal("a", node.Labels["zone"]);
        Assert.Equal(("gpu", "yes", "NoSchedule"), (node.Taints[0].Key, node.Taints[0].Value, node.Taints[0].Effect));
        Assert.Equal("/m", options.Settings.Volumes["models"]);
        Assert.Equal(["dotnet", "/opt/r.dll"], options.Settings.Images["attention-runtime"]);
        Assert.Equal(["one", "two"], options.Settings.Manifests);
        Assert.True(options.Settings.FakedPods && options.ExitOnInputClose);
        Assert.Equal(TimeSpan.FromSeconds(2), options.Settings.AutoscalerInterval);
    }

    [Theory]
    [InlineData("--port", "many")]
    [InlineData("--node", "gpus=1")]
    [InlineData("--node", "name=a,colour=red")]
    [InlineData("--volume", "models")]
    [InlineData("--unknown", "x")]
    public void Parse_OfNonsense_NamesTheArgument(string flag, string value)
    {
        var error = Assert.Throws<FormatException>(() => RunOptions.Parse([flag, value]));

        Assert.Contains(flag, error.Message, StringComparison.Ordinal);
    }
}
