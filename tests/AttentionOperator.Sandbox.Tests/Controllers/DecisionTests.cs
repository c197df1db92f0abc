using AttentionOperator.Sandbox.Controllers.Disruption;
using AttentionOperator.Sandbox.Controllers.GarbageCollection;
using AttentionOperator.Sandbox.Controllers.Jobs;
using AttentionOperator.Sandbox.Controllers.Nodes;
using AttentionOperator.Sandbox.Controllers.ReplicaSets;
using AttentionOperator.Sandbox.Controllers.Services;
using k8s;
using k8s.Models;

namespace AttentionOperator.Sandbox.Tests.Controllers;

public sealed class DecisionTests
{
    private static readonly DateTime Now = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void DeletionOrder_GivesUpTheLeastUsefulFirst()
    {
        V1Pod[] pods =
        [
            Pod("ready-old", ready: true, age: 100),
            Pod("ready-young", ready: true, age: 10),
            Pod("costly", ready: true, age: 5, cost: "100"),
            Pod("cheap", ready: true, age: 500, cost: "-1"),
            Pod("not-ready", ready: false),
            Pod("pending", ready: false, phase: "Pending"),
            Pod("unscheduled", ready: false, phase: "Pending", node: null),
        ];

        Assert.Equal(
            ["unscheduled", "pending", "not-ready", "cheap", "ready-young", "ready-old", "costly"],
            DeletionOrder.Sort(pods).Select(p => p.Metadata.Name));
    }

    [Theory]
    [InlineData("minAvailable: 2", 3, 3, 1)]
    [InlineData("minAvailable: 2", 3, 2, 0)]
    [InlineData("minAvailable: 50%", 3, 3, 1)]
    [InlineData("maxUnavailable: 1", 3, 3, 1)]
    [InlineData("maxUnavailable: 1", 3, 2, 0)]
    [InlineData("maxUnavailable: 30%", 10, 10, 3)]
    [InlineData("maxUnavailable: 0", 3, 3, 0)]
    public void DisruptionBudget_AllowsWhatIsAboveTheNeed(string spec, int expected, int healthy, int allowed)
    {
        var budget = new V1PodDisruptionBudget { Metadata = new V1ObjectMeta(), Spec = KubernetesYaml.Deserialize<V1PodDisruptionBudgetSpec>(spec) };
        var pods = Enumerable.Range(0, expected).Select(i => Pod($"p{i}", ready: i < healthy)).ToList();

        Assert.Equal(allowed, DisruptionBudget.Plan(budget, expected, pods, null).DisruptionsAllowed);
    }

    [Theory]
    [InlineData("completions: 3\nparallelism: 2", "", 2, null)]
    [InlineData("completions: 3\nparallelism: 2", "SR", 1, null)]
    [InlineData("completions: 3\nparallelism: 2", "SS", 1, null)]
    [InlineData("completions: 3\nparallelism: 2", "SSS", 0, "Complete")]
    [InlineData("completions: 1\nbackoffLimit: 1", "F", 1, null)]
    [InlineData("completions: 1\nbackoffLimit: 1", "FF", 0, "Failed")]
    [InlineData("completions: 1\nsuspend: true", "", 0, null)]
    [InlineData("parallelism: 2", "SR", 0, null)]
    [InlineData("parallelism: 2", "SS", 0, "Complete")]
    public void Job_StartsWhatIsMissingAndEnds(string spec, string pods, int create, string? finished)
    {
        var job = new V1Job { Metadata = new V1ObjectMeta(), Spec = KubernetesYaml.Deserialize<V1JobSpec>(spec + "\ntemplate: { spec: { restartPolicy: Never, containers: [] } }") };
        var phases = pods.Select((p, i) => Pod($"p{i}", ready: false, phase: p switch { 'S' => "Succeeded", 'F' => "Failed", _ => "Running" })).ToList();

        var plan = JobPlanner.Plan(job, phases, Now);

        Assert.Equal((create, finished), (plan.Create, plan.Finished?.Type));
    }

    [Fact]
    public void Job_PastItsDeadline_Fails()
    {
        var job = new V1Job
        {
            Metadata = new V1ObjectMeta(),
            Spec = KubernetesYaml.Deserialize<V1JobSpec>("activeDeadlineSeconds: 10\ncompletions: 1\ntemplate: { spec: { restartPolicy: Never, containers: [] } }"),
            Status = new V1JobStatus { StartTime = Now.AddSeconds(-10) },
        };

        var plan = JobPlanner.Plan(job, [Pod("p", ready: true)], Now);

        Assert.Equal("DeadlineExceeded", plan.Finished?.Reason);
        Assert.Single(plan.Delete);
    }

    [Theory]
    [InlineData("", false, "Keep")]
    [InlineData("P", false, "Keep")]
    [InlineData("A", false, "Delete")]
    [InlineData("PA", false, "Detach")]
    [InlineData("W", true, "DeleteForeground")]
    [InlineData("W", false, "Delete")]
    [InlineData("WP", true, "Detach")]
    public void GarbageCollection_KeepsWhatAnyOwnerHolds(string owners, bool hasDependents, string expected)
    {
        var states = owners.Select(o => o switch { 'P' => OwnerState.Present, 'A' => OwnerState.Absent, _ => OwnerState.WaitingForDependents }).ToList();

        Assert.Equal(Enum.Parse<CollectionAction>(expected), CollectionRule.Decide(states, hasDependents));
    }

    [Fact]
    public void NodeTaints_FollowItsState()
    {
        var node = new V1Node
        {
            Metadata = new V1ObjectMeta { Name = "n", CreationTimestamp = Now.AddHours(-1) },
            Spec = new V1NodeSpec { Unschedulable = true, Taints = [new V1Taint { Key = "own", Effect = "NoSchedule" }] },
            Status = new V1NodeStatus { Conditions = [new V1NodeCondition { Type = "Ready", Status = "Unknown" }] },
        };

        var taints = NodeHealth.Taints(node, Now).Select(t => $"{t.Key}:{t.Effect}");

        Assert.Equal(
            ["own:NoSchedule", "node.kubernetes.io/unschedulable:NoSchedule", "node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"],
            taints);
        Assert.True(NodeHealth.IsSilent(node, new V1Lease { Spec = new V1LeaseSpec { RenewTime = Now.AddSeconds(-51) } }, Now));
        Assert.False(NodeHealth.IsSilent(node, new V1Lease { Spec = new V1LeaseSpec { RenewTime = Now.AddSeconds(-49) } }, Now));
    }

    [Theory]
    [InlineData("[]", 0)]
    [InlineData("[{ key: down, operator: Exists, effect: NoExecute }]", null)]
    [InlineData("[{ key: down, operator: Exists, effect: NoExecute, tolerationSeconds: 300 }]", 200)]
    public void TaintEviction_WaitsAsLongAsTolerated(string tolerations, int? seconds)
    {
        var pod = new V1Pod { Spec = new V1PodSpec { Tolerations = KubernetesYaml.Deserialize<List<V1Toleration>>(tolerations) } };
        var node = new V1Node { Spec = new V1NodeSpec { Taints = [new V1Taint { Key = "down", Effect = "NoExecute", TimeAdded = Now.AddSeconds(-100) }] } };

        Assert.Equal(seconds is null ? null : Now.AddSeconds(seconds.Value), TaintEviction.Due(pod, node, Now));
    }

    [Fact]
    public void EndpointSlices_CarryReadinessPortsAndTheServicesLabels()
    {
        var service = new V1Service
        {
            Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default", Uid = "u", Labels = new Dictionary<string, string> { ["attentionoperator.io/revision"] = "abc" } },
            Spec = new V1ServiceSpec { ClusterIP = "None", Ports = [new V1ServicePort { Name = "http", Port = 80, TargetPort = "http" }] },
        };
        var gone = Pod("gone", ready: true);
        gone.Metadata.DeletionTimestamp = Now;

        var slice = Assert.Single(EndpointSlicePlanner.Plan(service, [Pod("a", ready: true), Pod("b", ready: false), gone, Pod("done", ready: false, phase: "Succeeded")]));

        Assert.Equal("abc", slice.Metadata.Labels["attentionoperator.io/revision"]);
        Assert.Equal("web", slice.Metadata.Labels["kubernetes.io/service-name"]);
        Assert.Equal(8000, Assert.Single(slice.Ports).Port);
        Assert.Equal(
            [("a", true, true, false), ("b", false, false, false), ("gone", false, true, true)],
            slice.Endpoints.Select(e => (e.TargetRef.Name, e.Conditions.Ready!.Value, e.Conditions.Serving!.Value, e.Conditions.Terminating!.Value)));
    }

    private static V1Pod Pod(string name, bool ready, string phase = "Running", string? node = "n", int age = 0, string? cost = null) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            NamespaceProperty = "default",
            Uid = name,
            CreationTimestamp = Now.AddSeconds(-age),
            Annotations = cost is null ? null : new Dictionary<string, string> { ["controller.kubernetes.io/pod-deletion-cost"] = cost },
        },
        Spec = new V1PodSpec { NodeName = node, Containers = [new V1Container { Name = "main", Ports = [new V1ContainerPort { Name = "http", ContainerPort = 8000 }] }] },
        Status = new V1PodStatus
        {
            Phase = phase,
            PodIP = "127.1.1.1",
            Conditions = [new V1PodCondition { Type = "Ready", Status = ready ? "True" : "False", LastTransitionTime = Now.AddSeconds(-age) }],
        },
    };
}
