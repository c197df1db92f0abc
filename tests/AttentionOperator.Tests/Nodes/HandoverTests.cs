using AttentionOperator.Api.Naming;
using AttentionOperator.Children;
using AttentionOperator.Nodes;
using CsCheck;
using k8s.Models;

namespace AttentionOperator.Tests.Nodes;

/// <summary>Handovers in a cluster of the mind: a ReplicaSet that deletes in Kubernetes' order, pods that come up one at a time.</summary>
public sealed class HandoverTests
{
    private static readonly Dictionary<string, Departure> Leaving = new() { ["a"] = new Departure(DepartureReason.NodeDraining, "node a is cordoned") };

    [Fact]
    public void Replicas_are_replaced_before_they_leave_within_the_room() => Gen.Select(Gen.Int[1, 6], Gen.Int[0, 6], Gen.Int[0, 3], Gen.Int[0, 9].Array[0, 60]).Sample(
        (replicas, leaving, room, steps) =>
        {
            leaving = Math.Min(leaving, replicas);
            var world = new World(replicas, leaving);
            var floor = replicas;
            foreach (var step in steps)
            {
                world.Pass(room, step < 3);
                if (step % 2 == 0)
                {
                    world.StartOne();
                }

                Assert.True(world.Pods.Count <= replicas + room, $"{world.Pods.Count} pods of {replicas} replicas and a room of {room}");
                Assert.True(world.Ready >= floor, $"{world.Ready} of {floor} ready");
            }

            for (var i = 0; i < 60; i++)
            {
                world.Pass(room, true);
                world.StartOne();
            }

            Assert.Equal(replicas, world.Ready);
            Assert.Equal(room == 0 ? leaving : 0, world.Pods.Count(pod => pod.Spec.NodeName == "a"));
            Assert.Equal(replicas, world.Desired);
        });

    [Fact]
    public void A_cost_is_taken_away_from_what_may_stay_after_all()
    {
        var pod = Pod("1", "b", true);
        pod.Metadata.Annotations = new Dictionary<string, string> { [AnnotationNames.PodDeletionCost] = "-1000" };
        var plan = HandoverPlanner.Plan([pod], Leaving, [(PodCapacity.Any, 1)], 1);
        Assert.Equal(new Dictionary<string, int?> { ["1"] = null }, plan.Costs);
        Assert.Null(plan.Departure);
    }

    [Fact]
    public void Each_part_replaces_its_own_and_a_replacement_without_a_node_is_told()
    {
        V1Pod Part(V1Pod pod, string capacity)
        {
            pod.Metadata.Labels = new Dictionary<string, string> { [LabelNames.Capacity] = capacity };
            return pod;
        }

        var pending = Part(Pod("3", null, false), "spot");
        pending.Status.Conditions.Add(new V1PodCondition { Type = "PodScheduled", Status = "False", Reason = "Unschedulable" });
        var plan = HandoverPlanner.Plan([Part(Pod("1", "b", true), "on-demand"), Part(Pod("2", "a", true), "spot"), pending], Leaving, [(PodCapacity.OnDemand, 1), (PodCapacity.Spot, 1)], 2);
        Assert.Equal((0, 1), (plan.Extra[PodCapacity.OnDemand], plan.Extra[PodCapacity.Spot]));
        Assert.True(plan.IsStuck);
        Assert.Equal(["2"], plan.Costs.Keys);
    }

    [Theory]
    [InlineData(1, true, 0)]
    [InlineData(1, false, 1)]
    [InlineData(2, true, 1)]
    [InlineData(39, true, 3)]
    [InlineData(0, true, 0)]
    public void Evictions_wait_for_the_replacement_of_a_lone_replica_only(int replicas, bool replaces, int expected) => Assert.Equal(expected, DisruptionLimit.Of(replicas, replaces));

    private static V1Pod Pod(string name, string? node, bool ready) => new()
    {
        Metadata = new V1ObjectMeta { Name = name },
        Spec = new V1PodSpec { NodeName = node },
        Status = new V1PodStatus { Phase = "Running", Conditions = [new V1PodCondition { Type = "Ready", Status = ready ? "True" : "False" }] },
    };

    private sealed class World
    {
        private readonly int replicas;
        private int last;

        public World(int replicas, int leaving)
        {
            this.replicas = Desired = replicas;
            Pods = [.. Enumerable.Range(0, replicas).Select(i => Pod($"{++last:00}", i < leaving ? "a" : "b", true))];
        }

        public List<V1Pod> Pods { get; }

        public int Desired { get; private set; }

        public int Ready => Pods.Count(IsReady);

        /// <summary>A pass of the operator, and perhaps one of the ReplicaSet controller.</summary>
        public void Pass(int room, bool controllerActs)
        {
            var plan = HandoverPlanner.Plan(Pods, Leaving, [(PodCapacity.Any, replicas)], room);
            foreach (var (name, cost) in plan.Costs)
            {
                Pods.Single(pod => pod.Metadata.Name == name).Metadata.Annotations = new Dictionary<string, string> { [AnnotationNames.PodDeletionCost] = $"{cost}" };
            }

            Desired = replicas + plan.Extra.GetValueOrDefault(PodCapacity.Any);
            if (!controllerActs)
            {
                return;
            }

            while (Pods.Count < Desired)
            {
                Pods.Add(Pod($"{++last:00}", "b", false));
            }

            foreach (var pod in Pods.OrderBy(IsReady).ThenBy(pod => pod.Metadata.Annotations is null ? 0 : HandoverPlanner.LeavingCost).Take(Math.Max(0, Pods.Count - Desired)).ToList())
            {
                Pods.Remove(pod);
            }
        }

        public void StartOne()
        {
            if (Pods.FirstOrDefault(pod => !IsReady(pod)) is { } pod)
            {
                pod.Status.Conditions[0].Status = "True";
            }
        }

        private static bool IsReady(V1Pod pod) => pod.Status.Conditions[0].Status == "True";
    }
}
