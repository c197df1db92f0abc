using System.Text;
using AttentionOperator.Sandbox.NodeAgent.Addresses;
using AttentionOperator.Sandbox.NodeAgent.Containers;
using AttentionOperator.Sandbox.NodeAgent.Images;
using AttentionOperator.Sandbox.NodeAgent.Logs;
using AttentionOperator.Sandbox.NodeAgent.Pods;
using AttentionOperator.Sandbox.NodeAgent.Probes;
using AttentionOperator.Sandbox.NodeAgent.Processes;
using AttentionOperator.Sandbox.NodeAgent.Volumes;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

/// <summary>Runs pods as real processes, with the API server's side recorded.</summary>
internal sealed class PodHarness : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly LoopbackBlock _block = LoopbackBlock.Claim();
    private readonly HandlerRunner _handlers;
    private readonly AddressPool _addresses;
    private readonly List<(PodWorker Worker, Task Run)> _workers = [];

    public PodHarness(TimeProvider? time = null, bool enforceMemoryLimits = false, IReadOnlyDictionary<string, string>? claims = null)
    {
        var clock = time ?? TimeProvider.System;
        Directory = System.IO.Directory.CreateTempSubdirectory("node-agent-").FullName;
        _addresses = new AddressPool(_block.Address, 1, 100);
        _handlers = new HandlerRunner(Spawner);
        var settings = new NodeSettings(
            "node-1",
            Directory,
            _block.Address(0, 1).ToString(),
            new Dictionary<string, decimal> { ["cpu"] = 4, ["memory"] = 8589934592 },
            new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH")! },
            enforceMemoryLimits);
        Services = new PodServices(
            clock,
            Spawner,
            _handlers,
            new ImageMap(HostImages.All),
            new VolumeManager(Objects, new ClaimDirectories(claims ?? new Dictionary<string, string>()), new VolumeFiles(Objects), clock),
            new EnvironmentBuilder(Objects),
            Api,
            settings,
            NullLogger.Instance);
    }

    public string Directory { get; }

    public ProcessSpawner Spawner { get; } = new();

    public RecordingPodApi Api { get; } = new();

    public ObjectShelf Objects { get; } = new();

    public PodServices Services { get; }

    public static V1Pod Pod(string yaml)
    {
        var pod = KubernetesYaml.Deserialize<V1Pod>(
            $"""
            apiVersion: v1
            kind: Pod
            metadata:
              name: sample
              namespace: default
              uid: {Guid.NewGuid()}
              labels: {"{ app: sample, tier: back }"}
            spec:
              nodeName: node-1
              terminationGracePeriodSeconds: 30
              serviceAccountName: runner
            {Indent(yaml)}
            """);
        return pod;
    }

    public PodWorker Start(V1Pod pod)
    {
        var worker = new PodWorker(pod, _addresses.Acquire(pod.Metadata.Uid).ToString(), new Dictionary<string, string>(), Services);
        _workers.Add((worker, worker.RunAsync()));
        return worker;
    }

    public static void Delete(PodWorker worker, long graceSeconds)
    {
        var pod = worker.Pod;
        worker.Update(pod with
        {
            Metadata = pod.Metadata with { DeletionTimestamp = DateTime.UtcNow, DeletionGracePeriodSeconds = graceSeconds },
        });
    }

    public async Task WaitForEventAsync(string reason)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!Api.Events.Any(e => e.Reason == reason))
        {
            await Task.Delay(10, limit.Token);
        }
    }

    public static async Task<string> LogsAsync(PodWorker worker, string container, PodLogOptions? options = null)
    {
        using var text = new MemoryStream();
        await LogReader.CopyAsync(worker.Container(container)!.CurrentLog!, options ?? new PodLogOptions(), text, CancellationToken.None);
        return Encoding.UTF8.GetString(text.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (worker, run) in _workers)
        {
            worker.Detach(TimeSpan.Zero);
            await run.WaitAsync(Patience);
            worker.Dispose();
        }

        _handlers.Dispose();
        Spawner.Dispose();
        _block.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static string Indent(string text) => string.Join('\n', text.Split('\n').Select(line => "  " + line));
}
