using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Children;
using AttentionOperator.Evaluation;
using AttentionOperator.Tests.Manifests;
using k8s.Models;

namespace AttentionOperator.Tests.Children;

public sealed class EvaluationJobTests
{
    public static TheoryData<EvaluationSpec> Specs() =>
    [
        new EvaluationSpec { Cases = [new EvaluationCase { Prompt = "a", Expected = "b" }], Bound = "1" },
        new EvaluationSpec { ConfigMapRef = new EvaluationConfigMap { Name = "golden" }, Bound = "1" },
        new EvaluationSpec { Uri = "pvc://golden/chat.jsonl", Bound = "1" },
    ];

    [Theory]
    [MemberData(nameof(Specs))]
    public void Pods_are_restricted_and_are_no_replicas_of_the_model(EvaluationSpec evaluation)
    {
        var job = Render(evaluation);
        var pod = job.Spec.Template;
        RestrictedProfile.Check(pod.Spec);
        Assert.Equal(("Never", 0, false), (pod.Spec.RestartPolicy, job.Spec.BackoffLimit, pod.Spec.AutomountServiceAccountToken));
        Assert.DoesNotContain(LabelNames.Model, pod.Metadata.Labels.Keys);
        Assert.DoesNotContain(LabelNames.Revision, pod.Metadata.Labels.Keys);
        Assert.NotEqual(LabelNames.RuntimeAppName, pod.Metadata.Labels[LabelNames.AppName]);
        Assert.DoesNotContain(pod.Spec.Containers[0].Resources.Requests.Keys, name => name.Contains("gpu", StringComparison.Ordinal));
    }

    [Fact]
    public void Cases_reach_the_process_as_argument_or_file()
    {
        Assert.Equal(["--cases", """[{"prompt":"a","expected":"b"}]"""], Tail(new EvaluationSpec { Cases = [new EvaluationCase { Prompt = "a", Expected = "b" }], Bound = "1" }));
        Assert.Equal(["--golden", "/golden/set.jsonl"], Tail(new EvaluationSpec { ConfigMapRef = new EvaluationConfigMap { Name = "golden", Key = "set.jsonl" }, Bound = "1" }));
        Assert.Equal(["--golden", "/golden/chat/set.jsonl"], Tail(new EvaluationSpec { Uri = "pvc://golden/chat/set.jsonl", Bound = "1" }));
    }

    [Fact]
    public void Names_fit_and_differ_by_rollout_and_run()
    {
        var begin = new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
        string[] names =
        [
            ChildNames.Evaluation(new string('a', 63), "qvq8vl59", begin, 1), ChildNames.Evaluation(new string('a', 63), "qvq8vl59", begin, 2),
            ChildNames.Evaluation(new string('a', 63), "qvq8vl59", begin.AddSeconds(1), 1), ChildNames.Evaluation("chat", "qvq8vl59", begin, 1),
        ];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(names, name => Assert.InRange(name.Length, 1, 63));
    }

    private static string[] Tail(EvaluationSpec evaluation) => [.. Render(evaluation).Spec.Template.Spec.Containers[0].Args.TakeLast(2)];

    private static V1Job Render(EvaluationSpec evaluation)
    {
        var model = new AttentionModel { Metadata = new V1ObjectMeta { Name = "chat", NamespaceProperty = "demo", Uid = "u" }, Spec = new AttentionModelSpec { Model = new ModelSource { Uri = "pvc://models/a" }, Rollout = new RolloutSpec { Evaluation = evaluation } } };
        return EvaluationJob.Render(model, new EvaluationRun("chat-a-e1-1", "a", "b", true), RevisionSnapshot.Of(model.Spec, "runtime:1"), "runtime:1", "http://10.0.0.1:8000", "http://10.0.0.2:8000");
    }
}
