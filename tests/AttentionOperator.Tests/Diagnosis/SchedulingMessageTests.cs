using AttentionOperator.Diagnosis;
using k8s.Models;

namespace AttentionOperator.Tests.Diagnosis;

public sealed class SchedulingMessageTests
{
    private static readonly V1Pod Pod = new()
    {
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "runtime", Resources = new V1ResourceRequirements { Requests = new Dictionary<string, ResourceQuantity> { ["nvidia.com/gpu"] = new("2") } } }] },
    };

    [Theory]
    [InlineData(
        "0/5 nodes are available: 1 node(s) had untolerated taint {a: b, c}, 1 node(s) didn't match Pod's node affinity/selector, 3 Insufficient nvidia.com/gpu. preemption: 0/5 nodes are available: 2 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod.",
        "no node of 5 fits: 3 of 5 have too little free nvidia.com/gpu (a replica asks for 2); 1 node(s) had untolerated taint {a: b, c}; 1 node(s) didn't match Pod's node affinity/selector")]
    [InlineData("0/1 nodes are available: 1 Insufficient memory, 1 Insufficient nvidia.com/gpu.", "no node of 1 fits: 1 of 1 have too little free memory; 1 of 1 have too little free nvidia.com/gpu (a replica asks for 2)")]
    [InlineData("no nodes available to schedule pods", "no nodes available to schedule pods")]
    [InlineData(null, "the scheduler gives no reason")]
    public void Says_which_resource_is_short_on_how_many_nodes(string? message, string expected) => Assert.Equal(expected, SchedulingMessage.Explain(Pod, message));
}
