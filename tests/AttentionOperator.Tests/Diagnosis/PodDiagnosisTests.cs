using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Diagnosis;
using k8s.Models;

namespace AttentionOperator.Tests.Diagnosis;

public sealed class PodDiagnosisTests
{
    private const string ModelMissing = """{"reason":"ModelNotFound","message":"/models/a/config.json does not exist"}""";

    private const string FetchFailed = """{"reason":"FetchFailed","message":"https://files.example.com/SHA256SUMS answers 404"}""";

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
    [InlineData("initContainerStatuses: [{name: fetch-model, restartCount: 0, state: {running: {}}}]", "FetchingModel", false, "pod chat-1 fetches the model")]
    [InlineData("initContainerStatuses: [{name: fetch-model, restartCount: 0, state: {terminated: {exitCode: 0}}}]", null, false, "")]
    [InlineData("initContainerStatuses: [{name: fetch-model, restartCount: 2, state: {running: {}}, lastState: {terminated: {exitCode: 1, message: '" + FetchFailed + "'}}}]", "FetchFailed", true, "404 (container fetch-model of pod chat-1, restarted 2 times)")]
    [InlineData("initContainerStatuses: [{name: fetch-model, restartCount: 0, state: {terminated: {exitCode: 1, message: '" + FetchFailed + "'}}}]", "FetchFailed", false, "404")]
    [InlineData("initContainerStatuses: [{name: fetch-model, image: nope, restartCount: 0, state: {waiting: {reason: ErrImagePull, message: not found}}}]", "ImagePullFailed", true, "nope")]
    [InlineData("{conditions: [{type: Initialized, status: 'True'}], initContainerStatuses: [{name: fetch-model, restartCount: 0, state: {running: {}}}]}", null, false, "")]
    [InlineData("{phase: Failed, reason: Evicted, message: The node was low on resource}", "Evicted", false, "low on resource")]
    public void Failure_is_found_in_what_the_pod_says(string status, string? reason, bool terminal, string part)
    {
        var failure = PodDiagnosis.Of([Pod("chat-1", status)]);
        Assert.Equal(reason, failure?.Reason);
        Assert.Equal(terminal, failure?.Terminal ?? false);
        Assert.Contains(part, failure?.Message ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FetchState.Listing, 0, ": reading the list of files")]
    [InlineData(FetchState.Waiting, 0, ": another pod fetches it already")]
    [InlineData(FetchState.Downloading, 15_247_166_259, ": 3.00 of 14.20 GiB, 1 of 6 files")]
    [InlineData(FetchState.Downloading, 0, "")]
    public void Progress_of_a_fetch_is_told_in_words(FetchState state, long total, string words)
    {
        var progress = new FetchProgress("hf://org/model", state, 3L << 30, total, 1, 6);
        var failure = PodDiagnosis.Of([Pod("chat-1", "initContainerStatuses: [{name: fetch-model, restartCount: 0, state: {running: {}}}]")], new Dictionary<string, FetchProgress> { ["chat-1"] = progress });
        Assert.Equal("pod chat-1 fetches the model" + words, failure?.Message);
    }

    [Fact]
    public void The_pod_that_downloads_is_told_of_before_those_that_wait_for_it()
    {
        var pods = ((string[])["a", "b", "c"]).Select(name => Pod(name, "initContainerStatuses: [{name: fetch-model, restartCount: 0, state: {running: {}}}]"));
        var progress = new FetchProgress("hf://org/model", FetchState.Waiting, 0, 0, 0, 0);
        var fetches = new Dictionary<string, FetchProgress> { ["a"] = progress, ["b"] = progress with { State = FetchState.Downloading, TotalBytes = 1L << 30, TotalFiles = 2 }, ["c"] = progress };
        Assert.StartsWith("pod b fetches", PodDiagnosis.Of(pods, fetches)?.Message, StringComparison.Ordinal);
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
