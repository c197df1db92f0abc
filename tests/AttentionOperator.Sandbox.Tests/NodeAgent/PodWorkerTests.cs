using AttentionOperator.Sandbox.NodeAgent.Logs;
using AttentionOperator.Sandbox.NodeAgent.Pods;
using k8s.Models;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

public sealed class PodWorkerTests
{
    private static bool Ready(V1PodStatus status) => status.Conditions.Any(c => c.Type == "Ready" && c.Status == "True");

    [Fact]
    public async Task Pod_WithoutProbes_IsReadyAsSoonAsItRuns()
    {
        await using var harness = new PodHarness();
        harness.Start(PodHarness.Pod("containers: [{ name: main, image: busybox, command: [sleep, '600'] }]"));

        var status = await harness.Api.WaitAsync(Ready);

        Assert.Equal(PodPhase.Running, status.Phase);
        Assert.StartsWith("127.", status.PodIP, StringComparison.Ordinal);
        Assert.NotNull(status.ContainerStatuses.Single().State.Running);
        Assert.Equal("BestEffort", status.QosClass);
    }

    [Fact]
    public async Task Pod_ThatEndsWithZero_SucceedsUnderPolicyNever()
    {
        await using var harness = new PodHarness();
        var worker = harness.Start(PodHarness.Pod(
            "restartPolicy: Never\ncontainers: [{ name: main, image: busybox, command: [sh, -c, 'echo hello; echo oops >&2'] }]"));

        var status = await harness.Api.WaitAsync(s => s.Phase == PodPhase.Succeeded);

        var terminated = status.ContainerStatuses.Single().State.Terminated;
        Assert.Equal((0, "Completed"), (terminated.ExitCode, terminated.Reason));
        Assert.Equal(["hello", "oops"], (await PodHarness.LogsAsync(worker, "main")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public async Task Pod_ThatFails_ReportsExitCodeAndTerminationMessage()
    {
        await using var harness = new PodHarness();
        harness.Start(PodHarness.Pod(
            """
            restartPolicy: Never
            containers:
            - name: main
              image: busybox
              command: [sh, -c, 'printf "{\"reason\":\"ModelMissing\"}" > "$TERMINATION_LOG"; exit 3']
            """));

        var status = await harness.Api.WaitAsync(s => s.Phase == PodPhase.Failed);

        var terminated = status.ContainerStatuses.Single().State.Terminated;
        Assert.Equal((3, "Error", """{"reason":"ModelMissing"}"""), (terminated.ExitCode, terminated.Reason, terminated.Message));
    }

    [Fact]
    public async Task FallbackToLogs_WithoutTerminationMessage_TakesTheEndOfTheLog()
    {
        await using var harness = new PodHarness();
        harness.Start(PodHarness.Pod(
            """
            restartPolicy: Never
            containers:
            - { name: main, image: busybox, command: [sh, -c, 'echo the cause; exit 1'], terminationMessagePolicy: FallbackToLogsOnError }
            """));

        var status = await harness.Api.WaitAsync(s => s.Phase == PodPhase.Failed);

        Assert.Equal("the cause\n", status.ContainerStatuses.Single().State.Terminated.Message);
    }

    [Fact]
    public async Task Container_ThatIsKilled_RestartsAtOnceAndThenBacksOff()
    {
        await using var harness = new PodHarness();
        harness.Start(PodHarness.Pod("containers: [{ name: main, image: busybox, command: [sh, -c, 'exit 7'] }]"));

        var status = await harness.Api.WaitAsync(s => s.ContainerStatuses.Single().State.Waiting?.Reason == "CrashLoopBackOff");

        var container = status.ContainerStatuses.Single();
        Assert.Equal(7, container.LastState.Terminated.ExitCode);
        Assert.Equal(1, container.RestartCount);
        Assert.StartsWith("back-off 10s restarting failed container=main pod=sample_default(", container.State.Waiting.Message, StringComparison.Ordinal);
        Assert.Equal(PodPhase.Running, status.Phase);
        Assert.Contains(harness.Api.Events, e => e.Reason == "BackOff");
    }

    [Fact]
    public async Task Deletion_SendsTheStopSignalAndReportsTheExit()
    {
        await using var harness = new PodHarness();
        var worker = harness.Start(PodHarness.Pod(
            "containers: [{ name: main, image: busybox, command: [sh, -c, 'trap \"echo bye; exit 0\" TERM; echo up; while :; do sleep 0.05; done'] }]"));
        await harness.Api.WaitAsync(Ready);
        await WaitForLineAsync(worker, "up");

        PodHarness.Delete(worker, graceSeconds: 30);
        await harness.Api.Deleted;

        Assert.Contains("bye", await PodHarness.LogsAsync(worker, "main"), StringComparison.Ordinal);
        Assert.Equal(0, harness.Api.Statuses[^1].ContainerStatuses.Single().State.Terminated.ExitCode);
        Assert.Equal(PodPhase.Succeeded, harness.Api.Statuses[^1].Phase);
    }

    [Fact]
    public async Task Deletion_OfAProcessThatIgnoresTheSignal_KillsAfterTheGracePeriod()
    {
        await using var harness = new PodHarness();
        var worker = harness.Start(PodHarness.Pod(
            "containers: [{ name: main, image: busybox, command: [sh, -c, 'trap \"\" TERM; echo up; while :; do sleep 0.05; done'] }]"));
        await WaitForLineAsync(worker, "up");

        PodHarness.Delete(worker, graceSeconds: 3600);
        PodHarness.Delete(worker, graceSeconds: 1);
        await harness.Api.Deleted;

        Assert.Equal(137, harness.Api.Statuses[^1].ContainerStatuses.Single().State.Terminated.ExitCode);
        Assert.Equal(0, harness.Spawner.RunningCount);
    }

    [Fact]
    public async Task PreStopHook_RunsBeforeTheSignal()
    {
        await using var harness = new PodHarness();
        var worker = harness.Start(PodHarness.Pod(
            """
            volumes: [{ name: shared, emptyDir: {} }]
            containers:
            - name: main
              image: busybox
              command: [sh, -c, 'trap "cat $0/note; exit 0" TERM; echo up; while :; do sleep 0.05; done', /shared]
              volumeMounts: [{ name: shared, mountPath: /shared }]
              env: [{ name: NOTE, value: /shared/note }]
              lifecycle: { preStop: { exec: { command: [sh, -c, 'echo drained > $NOTE'] } } }
            """));
        await WaitForLineAsync(worker, "up");

        PodHarness.Delete(worker, graceSeconds: 30);
        await harness.Api.Deleted;

        Assert.Contains("drained", await PodHarness.LogsAsync(worker, "main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task InitContainers_RunInOrderBeforeTheContainers()
    {
        await using var harness = new PodHarness();
        var worker = harness.Start(PodHarness.Pod(
            """
            restartPolicy: Never
            volumes: [{ name: work, emptyDir: {} }]
            initContainers:
            - { name: one, image: busybox, command: [sh, -c, 'echo 1 >> $0', /scratch/order], volumeMounts: [{ name: work, mountPath: /scratch }] }
            - { name: two, image: busybox, command: [sh, -c, 'echo 2 >> $0', /scratch/order], volumeMounts: [{ name: work, mountPath: /scratch }] }
            containers:
            - { name: main, image: busybox, command: [cat, /data/order], volumeMounts: [{ name: work, mountPath: /data }] }
            """));

        var status = await harness.Api.WaitAsync(s => s.Phase == PodPhase.Succeeded);

        Assert.Equal("1\n2\n", await PodHarness.LogsAsync(worker, "main"));
        Assert.All(status.InitContainerStatuses, s => Assert.Equal(0, s.State.Terminated.ExitCode));
        Assert.Contains(status.Conditions, c => c.Type == "Initialized" && c.Status == "True");
    }

    [Fact]
    public async Task InitContainer_ThatFailsUnderPolicyNever_FailsThePod()
    {
        await using var harness = new PodHarness();
        harness.Start(PodHarness.Pod(
            """
            restartPolicy: Never
            initContainers: [{ name: fetch, image: busybox, command: [sh, -c, 'exit 4'] }]
            containers: [{ name: main, image: busybox, command: [sleep, '600'] }]
            """));

        var status = await harness.Api.WaitAsync(s => s.Phase == PodPhase.Failed);

        Assert.Equal("PodInitializing", status.ContainerStatuses.Single().State.Waiting.Reason);
    }

    [Fact]
    public async Task Sidecar_OutlivesTheContainersAndEndsWithThem()
    {
        await using var harness = new PodHarness();
        harness.Start(PodHarness.Pod(
            """
            restartPolicy: Never
            initContainers: [{ name: side, image: busybox, restartPolicy: Always, command: [sleep, '600'] }]
            containers: [{ name: main, image: busybox, command: ['true'] }]
            """));

        var status = await harness.Api.WaitAsync(s => s.Phase == PodPhase.Succeeded && s.InitContainerStatuses.Single().State.Terminated is not null);

        Assert.Equal(143, status.InitContainerStatuses.Single().State.Terminated.ExitCode);
        Assert.Equal(0, harness.Spawner.RunningCount);
    }

    [Fact]
    public async Task UnmappedImage_WaitsWithTheImageErrorAndSaysWhatToDo()
    {
        await using var harness = new PodHarness();
        harness.Start(PodHarness.Pod("containers: [{ name: main, image: 'example.org/none:1' }]"));

        var status = await harness.Api.WaitAsync(s => s.ContainerStatuses.Single().State.Waiting.Reason == "ErrImagePull");

        Assert.Contains("--image NAME=COMMAND", status.ContainerStatuses.Single().State.Waiting.Message, StringComparison.Ordinal);
        Assert.Equal(PodPhase.Pending, status.Phase);
    }

    [Fact]
    public async Task MissingExecutable_IsAStartError()
    {
        await using var harness = new PodHarness();
        harness.Start(PodHarness.Pod("restartPolicy: Never\ncontainers: [{ name: main, image: busybox, command: [no-such-program] }]"));

        var status = await harness.Api.WaitAsync(s => s.Phase == PodPhase.Failed);

        var terminated = status.ContainerStatuses.Single().State.Terminated;
        Assert.Equal((128, "StartError"), (terminated.ExitCode, terminated.Reason));
        Assert.Contains("executable file not found in $PATH", terminated.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MissingConfigMap_HoldsTheContainerUntilItAppears()
    {
        await using var harness = new PodHarness();
        var worker = harness.Start(PodHarness.Pod(
            """
            restartPolicy: Never
            containers:
            - name: main
              image: busybox
              command: [sh, -c, 'echo $GREETING']
              envFrom: [{ configMapRef: { name: late } }]
            """));
        await harness.Api.WaitAsync(s => s.ContainerStatuses.Single().State.Waiting?.Reason == "CreateContainerConfigError");

        harness.Objects.ConfigMaps["late"] = new V1ConfigMap { Data = new Dictionary<string, string> { ["GREETING"] = "hello" } };
        await harness.Api.WaitAsync(s => s.Phase == PodPhase.Succeeded);

        Assert.Equal("hello\n", await PodHarness.LogsAsync(worker, "main"));
    }

    [Fact]
    public async Task ActiveDeadline_FailsThePodAndStopsIt()
    {
        await using var harness = new PodHarness();
        harness.Start(PodHarness.Pod("activeDeadlineSeconds: 1\ncontainers: [{ name: main, image: busybox, command: [sleep, '600'] }]"));

        var status = await harness.Api.WaitAsync(s => s.Phase == PodPhase.Failed && s.ContainerStatuses.Single().State.Terminated is not null);

        Assert.Equal("DeadlineExceeded", status.Reason);
    }

    [Fact]
    public async Task MemoryLimit_WhenEnforced_KillsAsOutOfMemory()
    {
        await using var harness = new PodHarness(enforceMemoryLimits: true);
        harness.Start(PodHarness.Pod(
            """
            restartPolicy: Never
            containers:
            - name: main
              image: busybox
              command: [sh, -c, 'x=$(head -c 60000000 /dev/zero | tr "\\0" x); sleep 600']
              resources: { limits: { memory: 20Mi } }
            """));

        var status = await harness.Api.WaitAsync(s => s.Phase == PodPhase.Failed);

        var terminated = status.ContainerStatuses.Single().State.Terminated;
        Assert.Equal((137, "OOMKilled"), (terminated.ExitCode, terminated.Reason));
    }

    [Fact]
    public async Task AdoptedPod_WhoseProcessesAreGone_CountsARestart()
    {
        await using var harness = new PodHarness();
        var pod = PodHarness.Pod("containers: [{ name: main, image: busybox, command: [sleep, '600'] }]");
        pod.Status = new V1PodStatus
        {
            Phase = PodPhase.Running,
            ContainerStatuses =
            [
                new V1ContainerStatus
                {
                    Name = "main", Image = "busybox", ImageID = "busybox", Ready = true, RestartCount = 2,
                    State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = DateTime.UtcNow } },
                },
            ],
        };
        harness.Start(pod);

        var status = await harness.Api.WaitAsync(Ready);

        var container = status.ContainerStatuses.Single();
        Assert.Equal((3, "ContainerStatusUnknown"), (container.RestartCount, container.LastState.Terminated.Reason));
    }

    [Fact]
    public async Task PreviousLog_IsThatOfTheRunBefore()
    {
        await using var harness = new PodHarness();
        var worker = harness.Start(PodHarness.Pod(
            """
            volumes: [{ name: work, emptyDir: {} }]
            containers:
            - name: main
              image: busybox
              command: [sh, -c, 'echo run >> $0; wc -l < $0; [ $(wc -l < $0) -gt 1 ] && sleep 600; exit 1', /scratch/runs]
              volumeMounts: [{ name: work, mountPath: /scratch }]
            """));
        await harness.Api.WaitAsync(s => s.ContainerStatuses.Single() is { RestartCount: 1, Ready: true });
        await WaitForLineAsync(worker, "2");

        using var previous = new MemoryStream();
        await LogReader.CopyAsync(worker.Container("main")!.PreviousLog!, new PodLogOptions(), previous, CancellationToken.None);

        Assert.Equal("1\n", System.Text.Encoding.UTF8.GetString(previous.ToArray()));
    }

    internal static async Task WaitForLineAsync(PodWorker worker, string line)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            if (worker.Container("main")?.CurrentLog is not { } log)
            {
                await Task.Delay(10, limit.Token);
                continue;
            }

            var changed = log.Changed;
            if ((await PodHarness.LogsAsync(worker, "main")).Split('\n').Contains(line))
            {
                return;
            }

            Assert.False(log.Ended && changed.IsCompleted && log == worker.Container("main")!.CurrentLog, $"The container ended without writing '{line}'.");
            await changed.WaitAsync(limit.Token);
        }
    }
}
