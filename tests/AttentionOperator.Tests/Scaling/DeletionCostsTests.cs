using AttentionOperator.Demand;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using AttentionOperator.Scaling;

namespace AttentionOperator.Tests.Scaling;

public sealed class DeletionCostsTests
{
    [Fact]
    public void The_idlest_cost_least_and_what_is_not_known_most()
    {
        var costs = DeletionCosts.Plan(
            [Pod("busy"), Pod("idle"), Pod("silent"), Pod("marked", cost: "2"), Pod("starting", ready: false)],
            [new PodLoad("busy", "a", true, InFlight: 7), new PodLoad("idle", "a", true), new PodLoad("silent", "a", false), new PodLoad("marked", "a", true, InFlight: 2)]);
        Assert.Equal([("busy", 7), ("idle", 0), ("silent", 8)], costs.Select(entry => (entry.Pod.Key.Name, entry.Cost)).OrderBy(entry => entry.Name, StringComparer.Ordinal));
    }

    private static ObservedPod Pod(string name, string? cost = null, bool ready = true) => new(new ObjectKey("default", name), "a", "127.0.0.1", ready, false, cost);
}
