using AttentionOperator.Api.Serialization;
using AttentionOperator.Nodes;
using k8s.Models;

namespace AttentionOperator.Tests.Nodes;

public sealed class NodeDiagnosisTests
{
    [Theory]
    [InlineData("{}", null, "")]
    [InlineData("{status: {conditions: [{type: Ready, status: 'True'}, {type: MemoryPressure, status: 'True'}]}}", null, "")]
    [InlineData("{spec: {taints: [{key: nvidia.com/gpu, effect: NoSchedule}]}}", null, "")]
    [InlineData("{status: {conditions: [{type: Ready, status: 'False', reason: KubeletNotReady}]}}", null, "")]
    [InlineData("{spec: {unschedulable: true}}", "NodeDraining", "cordoned")]
    [InlineData("{spec: {taints: [{key: aws-node-termination-handler/spot-itn, effect: NoSchedule}]}}", "NodeTermination", "spot-itn")]
    [InlineData("{spec: {unschedulable: true, taints: [{key: cloud.google.com/impending-node-termination, effect: NoSchedule}]}}", "NodeTermination", "impending")]
    [InlineData("{spec: {taints: [{key: karpenter.sh/disrupted, effect: NoSchedule}]}}", "NodeDraining", "karpenter")]
    [InlineData("{spec: {taints: [{key: nvidia.com/gpu-unhealthy, effect: NoSchedule}]}}", "AcceleratorUnhealthy", "gpu-unhealthy")]
    [InlineData("{status: {conditions: [{type: PreemptScheduled, status: 'True', message: in 30 s}]}}", "NodeTermination", "in 30 s")]
    [InlineData("{status: {conditions: [{type: GpuUnhealthy, status: 'True'}]}}", "AcceleratorUnhealthy", "GpuUnhealthy")]
    [InlineData("{status: {conditions: [{type: Ready, status: Unknown, reason: NodeStatusUnknown}]}}", "NodeUnreachable", "NodeStatusUnknown")]
    public void Departure_is_found_in_taints_and_conditions(string rest, string? reason, string part)
    {
        var node = YamlDocuments.Parse(rest)[0].AsObject();
        node["metadata"] = new System.Text.Json.Nodes.JsonObject { ["name"] = "gpu-1" };
        var departure = NodeDiagnosis.Of(System.Text.Json.JsonSerializer.Deserialize<V1Node>(node.ToJsonString(), KubernetesJsonOptions.Instance)!);
        Assert.Equal(reason, departure?.Reason.ToString());
        Assert.Contains(part, departure?.Message ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{conditions: [{type: DisruptionTarget, status: 'True', reason: PreemptionByScheduler}]}", "PodDisruption", "PreemptionByScheduler")]
    [InlineData("{containerStatuses: [{name: runtime, allocatedResourcesStatus: [{name: nvidia.com/gpu, resources: [{resourceID: GPU-1, health: Healthy}, {resourceID: GPU-2, health: Unhealthy}]}]}]}", "AcceleratorUnhealthy", "GPU-2")]
    [InlineData("{conditions: [{type: DisruptionTarget, status: 'False'}]}", null, "")]
    public void Departure_of_one_pod_is_found_in_its_status(string status, string? reason, string part)
    {
        var pod = YamlDocuments.Read<V1Pod>($"metadata: {{name: chat-1}}\nspec: {{nodeName: a, containers: [{{name: runtime}}]}}\nstatus: {status}\n");
        var departure = PodDeparture.Of(pod, new Dictionary<string, Departure>());
        Assert.Equal(reason, departure?.Reason.ToString());
        Assert.Contains(part, departure?.Message ?? "", StringComparison.Ordinal);
    }
}
