using AttentionOperator.Sandbox.Scheduling;
using CsCheck;
using k8s;
using k8s.Models;

namespace AttentionOperator.Sandbox.Tests.Scheduling;

public sealed class PlacementPlannerTests
{
    [Fact]
    public void Plan_WithoutEnoughGpus_SaysSoLikeKubernetes()
    {
        var placement = PlacementPlanner.Plan(Pod("limits: { nvidia.com/gpu: 2 }"), [Node("a", gpus: 1)]);

        Assert.Null(placement.Node);
        Assert.Equal(
            "0/1 nodes are available: 1 Insufficient nvidia.com/gpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
            placement.Message);
    }

    [Fact]
    public void Plan_CountsReasonsOverAllNodes()
    {
        var cordoned = Node("a", gpus: 1);
        cordoned.Node.Spec = new V1NodeSpec { Unschedulable = true };
        var tainted = Node("b", gpus: 1);
        tainted.Node.Spec = new V1NodeSpec { Taints = [new V1Taint { Key = "gpu", Value = "yes", Effect = "NoSchedule" }] };

        var placement = PlacementPlanner.Plan(Pod("limits: { nvidia.com/gpu: 2 }"), [cordoned, tainted, Node("c", gpus: 1), Node("d", gpus: 0)]);

        Assert.StartsWith(
            "0/4 nodes are available: 1 node(s) had untolerated taint {gpu: yes}, 1 node(s) were unschedulable, 2 Insufficient nvidia.com/gpu. preemption: 0/4",
            placement.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_WithoutNodes_SaysThereAreNone() =>
        Assert.Equal("no nodes available to schedule pods", PlacementPlanner.Plan(Pod(""), []).Message);

    [Fact]
    public void Plan_PrefersTheNodeWithMoreRoom()
    {
        var busy = Node("a");
        busy.Add(Pod("requests: { cpu: 3 }"));

        Assert.Equal("b", PlacementPlanner.Plan(Pod("requests: { cpu: 1 }"), [busy, Node("b")]).Node);
    }

    [Fact]
    public void Plan_FollowsSelectorAffinityAndToleration()
    {
        var fast = Node("fast", gpus: 1, labels: new() { ["gpu"] = "h100" }, taint: "dedicated");
        var slow = Node("slow", gpus: 1, labels: new() { ["gpu"] = "t4" });
        var pod = Pod("limits: { nvidia.com/gpu: 1 }");

        pod.Spec.NodeSelector = new Dictionary<string, string> { ["gpu"] = "h100" };
        Assert.Null(PlacementPlanner.Plan(pod, [fast, slow]).Node);

        pod.Spec.Tolerations = [new V1Toleration { Key = "dedicated", OperatorProperty = "Exists" }];
        Assert.Equal("fast", PlacementPlanner.Plan(pod, [fast, slow]).Node);

        pod.Spec.NodeSelector = null;
        pod.Spec.Affinity = KubernetesYaml.Deserialize<V1Affinity>(
            """
            nodeAffinity:
              requiredDuringSchedulingIgnoredDuringExecution:
                nodeSelectorTerms:
                - matchExpressions: [{ key: gpu, operator: In, values: [t4] }]
            """);
        Assert.Equal("slow", PlacementPlanner.Plan(pod, [fast, slow]).Node);
    }

    [Fact]
    public void Plan_SpreadsSoftlyOverTheTopology()
    {
        var one = Node("one", labels: new() { ["zone"] = "1" });
        var two = Node("two", labels: new() { ["zone"] = "2" });
        var pod = Pod("requests: { cpu: 100m }");
        pod.Spec.TopologySpreadConstraints = KubernetesYaml.Deserialize<List<V1TopologySpreadConstraint>>(
            "[{ maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: { matchLabels: { app: x } } }]");
        one.Add(Pod("requests: { cpu: 100m }"));
        two.Add(Other(Pod("requests: { cpu: 2 }")));

        Assert.Equal("two", PlacementPlanner.Plan(pod, [one, two]).Node);
    }

    [Fact]
    public void Plan_KeepsAntiAffinePodsApart()
    {
        var one = Node("one", labels: new() { ["kubernetes.io/hostname"] = "one" });
        one.Add(Pod(""));
        var pod = Pod("");
        pod.Spec.Affinity = KubernetesYaml.Deserialize<V1Affinity>(
            """
            podAntiAffinity:
              requiredDuringSchedulingIgnoredDuringExecution:
              - topologyKey: kubernetes.io/hostname
                labelSelector: { matchLabels: { app: x } }
            """);

        Assert.StartsWith("0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules.", PlacementPlanner.Plan(pod, [one]).Message, StringComparison.Ordinal);
        Assert.Equal("two", PlacementPlanner.Plan(pod, [one, Node("two", labels: new() { ["kubernetes.io/hostname"] = "two" })]).Node);
    }

    [Fact]
    public void Plan_ForAnImportantPod_NamesTheFewestLeastImportantVictims()
    {
        var node = Node("a", gpus: 3);
        var low = Priority(Pod("limits: { nvidia.com/gpu: 1 }"), 1);
        var lower = Priority(Pod("limits: { nvidia.com/gpu: 1 }"), 0);
        var equal = Priority(Pod("limits: { nvidia.com/gpu: 1 }"), 10);
        node.Add(low);
        node.Add(lower);
        node.Add(equal);

        var placement = PlacementPlanner.Plan(Priority(Pod("limits: { nvidia.com/gpu: 1 }"), 10), [node]);

        Assert.Equal("a", placement.NominatedNode);
        Assert.Equal(lower.Metadata.Uid, Assert.Single(placement.Victims).Metadata.Uid);
    }

    [Fact]
    public void Requests_AreTheMoreOfInitAndMain()
    {
        var pod = Pod("requests: { cpu: 1 }");
        pod.Spec.InitContainers = KubernetesYaml.Deserialize<List<V1Container>>(
            """
            - { name: side, restartPolicy: Always, resources: { requests: { cpu: 500m } } }
            - { name: heavy, resources: { requests: { cpu: 3, memory: 1Gi } } }
            """);

        var requests = PodRequests.Of(pod);

        Assert.Equal((3.5m, 1073741824m), (requests["cpu"], requests["memory"]));
    }

    [Fact]
    public void ClusterState_ForAnyArrivalsAndDepartures_NeverOvercommitsANode() =>
        Gen.Select(Gen.Int[0, 3].List[1, 40], Gen.Int[0, 39].List[0, 20]).Sample((sizes, departures) =>
        {
            var state = new ClusterState();
            var nodes = new[] { Node("a", gpus: 4).Node, Node("b", gpus: 2).Node };
            foreach (var node in nodes)
            {
                state.SetNode(node);
            }

            var held = new Dictionary<string, (string Node, int Gpus)>();
            var pods = sizes.Select(size => Pod($"limits: {{ nvidia.com/gpu: {size} }}")).ToList();
            for (var i = 0; i < pods.Count; i++)
            {
                var placement = state.Place(pods[i]);
                var free = nodes.Select(n => (n.Metadata.Name, Free: Gpus(n) - held.Values.Where(h => h.Node == n.Metadata.Name).Sum(h => h.Gpus))).ToList();
                Assert.Equal(free.Any(f => f.Free >= sizes[i]), placement.Node is not null);
                if (placement.Node is { } chosen)
                {
                    held[pods[i].Metadata.Uid] = (chosen, sizes[i]);
                    Assert.All(nodes, n => Assert.True(held.Values.Where(h => h.Node == n.Metadata.Name).Sum(h => h.Gpus) <= Gpus(n)));
                }

                if (i < departures.Count && departures[i] < i)
                {
                    var gone = pods[departures[i]].Metadata.Uid;
                    state.RemovePod(gone);
                    held.Remove(gone);
                }
            }
        }, iter: 300);

    private static int Gpus(V1Node node) => node.Status.Allocatable["nvidia.com/gpu"].ToInt32();

    private static V1Pod Priority(V1Pod pod, int priority)
    {
        pod.Spec.Priority = priority;
        return pod;
    }

    private static V1Pod Other(V1Pod pod)
    {
        pod.Metadata.Labels = new Dictionary<string, string> { ["app"] = "other" };
        return pod;
    }

    private static V1Pod Pod(string resources) => new()
    {
        Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "default", Uid = Guid.NewGuid().ToString(), Labels = new Dictionary<string, string> { ["app"] = "x" } },
        Spec = new V1PodSpec
        {
            Containers = [new V1Container { Name = "main", Resources = resources.Length == 0 ? null : KubernetesYaml.Deserialize<V1ResourceRequirements>(resources) }],
        },
    };

    private static NodeState Node(string name, int gpus = 0, Dictionary<string, string>? labels = null, string? taint = null) => new(new V1Node
    {
        Metadata = new V1ObjectMeta { Name = name, Labels = labels },
        Spec = new V1NodeSpec { Taints = taint is null ? null : [new V1Taint { Key = taint, Effect = "NoSchedule" }] },
        Status = new V1NodeStatus
        {
            Allocatable = new Dictionary<string, ResourceQuantity>
            {
                ["cpu"] = new("4"),
                ["memory"] = new("8Gi"),
                ["pods"] = new("110"),
                ["nvidia.com/gpu"] = new(gpus.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            },
        },
    });
}
