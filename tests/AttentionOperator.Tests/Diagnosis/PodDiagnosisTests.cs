using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Diagnosis;
using k8s.Models;

namespace AttentionOperator.Tests.Diagnosis;

public sealed class PodDiagnosisTests
{
    private const string ModelMissing = """{"reason":"ModelNotFound","message":"/models/a/config.json does not exist"}""";

    [Theory]
    [InlineData("", null, false, "")]
    [InlineData("containerStatuses: [{name: runtime, state: {running: {}}, started: false}]", null, false, "")]
    [InlineData("containerStatuses: [{name: runtime, state: {waiting: {reason: ContainerCreating}}}]", null, false, "")]
    [InlineData("containerStatuses: [{name: runtime, restartCount: 0, state: {terminated: {exitCode: 1, message: '" + ModelMissing + "'}}}]", "ModelNotFound", true, "/models/a/config.json")]
    [InlineData("containerStatuses: [{name: runtime, restartCount: 3, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 1, message: '" + ModelMissing + "'}}}]", "ModelNotFound", true, "restarted 3 times")]
    [InlineData("containerStatuses: [{name: runtime, restartCount: 1, started: false, state: {running: {}}, lastState: {terminated: {exitCode: 1, message: '" + ModelMissing + "'}}}]", "ModelNotFound", true, "pod chat-1")]
    [InlineData("containerStatuses: [{name: runtime, restartCount: 1, started: true, state: {running: {}}, lastState: {terminated: {exitCode: 1, message: '" + ModelMissing + "'}}}]", null, false, "")]
    [InlineData("containerStatuses: [{name: runtime, restartCount: 1, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 137, reason: OOMKilled}}}]", "OutOfMemoryKilled", true, "memory limit of 1Gi")]
    [InlineData("containerStatuses: [{name: runtime, restartCount: 4, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 139}}}]", "CrashLoop", true, "exit code 139")]
    [InlineData("containerStatuses: [{name: runtime, restartCount: 0, state: {terminated: {exitCode: 139}}}]", "CrashLoop", false, "exit code 139")]
    [InlineData("containerStatuses: [{name: runtime, image: nope, state: {waiting: {reason: ImagePullBackOff, message: not found}}}]", "ImagePullFailed", true, "nope")]
    [InlineData("containerStatuses: [{name: runtime, state: {waiting: {reason: CreateContainerConfigError, message: configmap chat not found}}}]", "ContainerConfigInvalid", true, "configmap chat")]
    [InlineData("conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.'}]", "Unschedulable", false, "3 of 3 have too little free nvidia.com/gpu")]
    [InlineData("conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: 'persistentvolumeclaim \"models\" not found'}]", "VolumeMountFailed", true, "create the claim")]
    [InlineData("{phase: Failed, reason: Evicted, message: The node was low on resource}", "Evicted", false, "low on resource")]
    public void Failure_is_found_in_what_the_pod_says(string status, string? reason, bool terminal, string part)
    {
        var failure = PodDiagnosis.Of([Pod("chat-1", status)]);
        Assert.Equal(reason, failure?.Reason);
        Assert.Equal(terminal, failure?.Terminal ?? false);
        Assert.Contains(part, failure?.Message ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Ready_and_deleted_pods_are_not_asked()
    {
        var ready = Pod("a", "{conditions: [{type: Ready, status: 'True'}], containerStatuses: [{name: runtime, restartCount: 4, state: {waiting: {reason: CrashLoopBackOff}}}]}");
        var deleted = Pod("b", "containerStatuses: [{name: runtime, restartCount: 4, state: {waiting: {reason: CrashLoopBackOff}}}]");
        deleted.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        Assert.Null(PodDiagnosis.Of([ready, deleted]));
    }

    [Fact]
    public void What_the_runtime_says_goes_before_what_Kubernetes_sees() => Assert.Equal(
        nameof(StartFailureReason.ModelNotFound),
        PodDiagnosis.Of(
        [
            Pod("a", "conditions: [{type: PodScheduled, status: 'False', message: no room}]"),
            Pod("b", "containerStatuses: [{name: runtime, restartCount: 0, state: {terminated: {exitCode: 1, message: '" + ModelMissing + "'}}}]"),
        ])!.Reason);

    [Fact]
    public void Reasons_of_both_enums_are_different_words() =>
        Assert.Empty(Enum.GetNames<PodFailureReason>().Intersect(Enum.GetNames<StartFailureReason>()));

    private static V1Pod Pod(string name, string status) => YamlDocuments.Read<V1Pod>(
        $"metadata: {{name: {name}}}\nspec: {{containers: [{{name: runtime, resources: {{limits: {{memory: 1Gi}}}}}}]}}\nstatus:\n  {(status.Length == 0 ? "{}" : status)}\n");
}
