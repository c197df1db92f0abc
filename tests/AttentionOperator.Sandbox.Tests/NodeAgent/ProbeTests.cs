using AttentionOperator.Sandbox.NodeAgent.Pods;
using k8s.Models;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

public sealed class ProbeTests
{
    private const string Toggled =
        """
        volumes: [{ name: work, emptyDir: {} }]
        terminationGracePeriodSeconds: 1
        containers:
        - name: main
          image: busybox
          command: [sh, -c, 'exec sleep 600']
          env: [{ name: FLAG, value: /scratch/flag }]
          volumeMounts: [{ name: work, mountPath: /scratch }]
        """;

    [Fact]
    public async Task Readiness_FollowsItsProbeBothWays()
    {
        await using var harness = new PodHarness();
        var worker = harness.Start(PodHarness.Pod(Toggled + "\n  readinessProbe: { exec: { command: [sh, -c, 'test -e $FLAG'] }, periodSeconds: 1, failureThreshold: 1 }"));
        await harness.Api.WaitAsync(s => s.ContainerStatuses.Single() is { Started: true, Ready: false });
        var flag = Path.Combine(harness.Directory, worker.Pod.Metadata.Uid, "volumes", "work", "flag");

        await File.WriteAllTextAsync(flag, string.Empty);
        await harness.Api.WaitAsync(Ready);
        var count = harness.Api.Statuses.Count;
        File.Delete(flag);
        await harness.Api.WaitAsync(s => !Ready(s), after: count);

        Assert.Contains(harness.Api.Events, e => e is { Reason: "Unhealthy", Type: "Warning" });
    }

    [Fact]
    public async Task Liveness_ThatFails_RestartsTheContainer()
    {
        await using var harness = new PodHarness();
        harness.Start(PodHarness.Pod(Toggled + "\n  livenessProbe: { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 2 }"));

        var status = await harness.Api.WaitAsync(s => s.ContainerStatuses.Single() is { RestartCount: 1, State.Running: not null });

        Assert.Equal(143, status.ContainerStatuses.Single().LastState.Terminated.ExitCode);
        Assert.Contains(harness.Api.Events, e => e.Message == "Container main failed liveness probe, will be restarted");
    }

    [Fact]
    public async Task StartupProbe_HoldsTheOthersBack()
    {
        await using var harness = new PodHarness();
        var worker = harness.Start(PodHarness.Pod(Toggled
            + "\n  startupProbe: { exec: { command: [sh, -c, 'test -e $FLAG'] }, periodSeconds: 1, failureThreshold: 1000 }"
            + "\n  livenessProbe: { exec: { command: [sh, -c, 'test -e $FLAG'] }, periodSeconds: 1, failureThreshold: 1 }"));
        await harness.WaitForEventAsync("Unhealthy");
        await harness.Api.WaitAsync(s => s.ContainerStatuses.Single() is { RestartCount: 0, State.Running: not null });

        await File.WriteAllTextAsync(Path.Combine(harness.Directory, worker.Pod.Metadata.Uid, "volumes", "work", "flag"), string.Empty);

        Assert.Equal(0, (await harness.Api.WaitAsync(Ready)).ContainerStatuses.Single().RestartCount);
    }

    [Fact]
    public async Task HttpProbe_AsksThePodsAddressAtTheNamedPort()
    {
        await using var harness = new PodHarness();
        harness.Start(PodHarness.Pod(
            """
            containers:
            - name: main
              image: busybox
              command: [sleep, '600']
              ports: [{ name: http, containerPort: 8000 }]
              readinessProbe: { httpGet: { path: /health/ready, port: http }, periodSeconds: 1 }
            """));

        await harness.WaitForEventAsync("Unhealthy");

        Assert.Contains(harness.Api.Events, e => e.Message.Contains(":8000/health/ready", StringComparison.Ordinal) && e.Message.Contains("http://127.", StringComparison.Ordinal));
    }

    private static bool Ready(V1PodStatus status) => status.Phase == PodPhase.Running && status.Conditions.Any(c => c.Type == "Ready" && c.Status == "True");
}
