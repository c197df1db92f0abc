using System.Diagnostics;
using System.Runtime.CompilerServices;
using AttentionOperator.Observation;
using AttentionOperator.Scaling;
using k8s.Models;

namespace AttentionOperator.Tests.OverHttp;

/// <summary><c>kubectl scale am/chat --replicas=N</c> as people type it: a real kubectl, the Sandbox's API server, the operator.</summary>
public sealed class KubectlScaleTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task The_deployment_follows_what_kubectl_asks_for()
    {
        var kubectl = Kubectl();
        await using var cluster = await Cluster.StartAsync();
        await cluster.StartOperatorAsync();
        var child = await ServeAsync(cluster, "{model: {uri: 'pvc://models/a'}, replicas: 2}");
        Assert.Equal("attentionmodel.attentionoperator.io/chat scaled", await RunAsync(cluster, kubectl, "scale", "am/chat", "--replicas=5"));
        await DeploymentAsync(cluster, child, 5);
        // What the subresource tells: the replicas that there are, and how an autoscaler finds their pods.
        await cluster.MakeReadyAsync(child);
        await cluster.UntilAsync(() => cluster.Model("chat") is { Status.Replicas: 5 } model ? model : null);
        Assert.Equal("attentionoperator.io/model=chat", await RunAsync(cluster, kubectl, "get", "am", "chat", "--subresource=scale", "-o", "jsonpath={.status.selector}"));
        Assert.Equal("5 5", await RunAsync(cluster, kubectl, "get", "am", "chat", "--subresource=scale", "-o", "jsonpath={.spec.replicas} {.status.replicas}"));

        var (code, output) = await EndAsync(cluster, kubectl, "scale", "am/chat", "--current-replicas=4", "--replicas=1");
        Assert.NotEqual(0, code);
        Assert.Contains("Expected replicas to be 4, was 5", output, StringComparison.Ordinal);
        await RunAsync(cluster, kubectl, "scale", "am/chat", "--replicas=0");
        await DeploymentAsync(cluster, child, 0);
        await cluster.MakeReadyAsync(child); // Its pods are gone: nothing grows into places that are not free.
        await RunAsync(cluster, kubectl, "scale", "am/chat", "--replicas=3");
        await DeploymentAsync(cluster, child, 3);
        Assert.Equal([child], cluster.Names(ResourceKinds.Deployment));
    }

    [Fact]
    public async Task The_bounds_of_scaling_hold_and_zero_switches_off()
    {
        var kubectl = Kubectl();
        await using var cluster = await Cluster.StartAsync();
        await cluster.StartOperatorAsync();
        var child = await ServeAsync(cluster, "{model: {uri: 'pvc://models/a'}, replicas: 2, scaling: {minReplicas: 2, maxReplicas: 4, queueDepthPerReplica: 4, mode: Operator}}");
        await RunAsync(cluster, kubectl, "scale", "am/chat", "--replicas=9");
        var down = await EventAsync(cluster, ScalingReason.ScaledDown);
        Assert.Equal("9 to 4 replicas: scaling.minReplicas is 2, scaling.maxReplicas 4", down.Message);
        await DeploymentAsync(cluster, child, 4);

        await RunAsync(cluster, kubectl, "scale", "am/chat", "--replicas=1");
        var up = await EventAsync(cluster, ScalingReason.ScaledUp);
        Assert.Equal("1 to 2 replicas: scaling.minReplicas is 2, scaling.maxReplicas 4", up.Message);
        await DeploymentAsync(cluster, child, 2);

        await RunAsync(cluster, kubectl, "scale", "am/chat", "--replicas=0");
        await DeploymentAsync(cluster, child, 0);
        // It stays off: the operator brings another model back to its bounds meanwhile, and not this one.
        await cluster.CreateModelAsync("other", "{model: {uri: 'pvc://models/a'}, replicas: 1, scaling: {minReplicas: 2, maxReplicas: 4, queueDepthPerReplica: 4, mode: Operator}}");
        await cluster.UntilAsync(() => cluster.Model("other") is { Spec.Replicas: 2 } other ? other : null);
        Assert.Equal(0, cluster.Model("chat")!.Spec.Replicas);
    }

    private static Task<Corev1Event> EventAsync(Cluster cluster, ScalingReason reason) =>
        cluster.UntilAsync(() => cluster.EventsOf("chat").FirstOrDefault(found => found.Reason == reason.ToString()));

    private static Task<V1Deployment> DeploymentAsync(Cluster cluster, string name, int replicas) =>
        cluster.UntilAsync(() => cluster.Get<V1Deployment>(ResourceKinds.Deployment, name) is { } found && found.Spec.Replicas == replicas ? found : null);

    private static async Task<string> ServeAsync(Cluster cluster, string spec)
    {
        await cluster.CreateModelAsync("chat", spec);
        var child = await cluster.UntilAsync(() => cluster.Names(ResourceKinds.Deployment).SingleOrDefault());
        await cluster.MakeReadyAsync(child);
        await cluster.UntilAsync(() => cluster.Model("chat") is { Status.StableRevision: not null } model ? model : null);
        return child;
    }

    private static async Task<string> RunAsync(Cluster cluster, string kubectl, params string[] arguments)
    {
        var (code, output) = await EndAsync(cluster, kubectl, arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)} ended with {code}: {output}");
        return output.Trim();
    }

    private static async Task<(int Code, string Output)> EndAsync(Cluster cluster, string kubectl, params string[] arguments)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var process = Process.Start(new ProcessStartInfo(kubectl, ["--kubeconfig", cluster.KubeConfigPath, "--namespace", "default", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string Kubectl([CallerFilePath] string file = "")
    {
        var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "..", "artifacts", "tools", "kubectl"));
        Assert.SkipUnless(File.Exists(path), "kubectl is not installed; build/kubectl.sh does it.");
        return path;
    }
}
