namespace AttentionOperator.Cli.Tests.OverHttp;

public sealed class CommandVerbTests(CommandCluster cluster) : VerbTests(cluster)
{
    [Fact]
    public Task Commands_drive_a_rollout() => DriveAsync("commands", arguments => RunAsync(arguments));

    [Fact]
    public async Task What_is_not_there_is_said()
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Equal(1, await CommandLine.Build(output, error).Parse(["promote", "nobody", "--kubeconfig", Cluster.KubeConfig, "-n", "default"]).InvokeAsync());
        Assert.Equal("error: there is no AttentionModel nobody in namespace default", error.ToString().Trim());
    }
}
