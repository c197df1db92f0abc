using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;
using AttentionOperator.Evaluation;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Children;

/// <summary>The Job that runs a golden set against a revision without traffic: an unprivileged client of its pods.</summary>
internal static class EvaluationJob
{
    public const string ContainerName = "evaluation";

    private const string GoldenVolume = "golden";
    private const string ScratchVolume = "tmp";
    private const string Memory = "256Mi";
    private const string Cpu = "100m";

    /// <param name="model">The model, whose spec asks for the evaluation.</param>
    /// <param name="run">Which run.</param>
    /// <param name="snapshot">The evaluated revision.</param>
    /// <param name="image">Image of the runtime, which holds the evaluation as a command.</param>
    /// <param name="canary">Base URL of a pod of the revision.</param>
    /// <param name="stable">Base URL of a pod of the stable revision; null for none.</param>
    public static V1Job Render(AttentionModel model, EvaluationRun run, RevisionSnapshot snapshot, string image, string canary, string? stable)
    {
        var spec = model.Spec.Rollout.Evaluation!;
        var labels = Labels(model);
        return new V1Job
        {
            ApiVersion = "batch/v1",
            Kind = "Job",
            Metadata = ChildLabels.Metadata(model, run.Job, labels),
            Spec = new V1JobSpec
            {
                BackoffLimit = 0,
                ActiveDeadlineSeconds = Math.Max(1, (long)Durations.Parse(spec.Timeout).TotalSeconds),
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string>(labels) },
                    Spec = new V1PodSpec
                    {
                        RestartPolicy = "Never",
                        ServiceAccountName = ChildNames.ServiceAccount(model.Metadata.Name),
                        AutomountServiceAccountToken = false,
                        EnableServiceLinks = false,
                        ImagePullSecrets = snapshot.Runtime.ImagePullSecrets is { Count: > 0 } secrets ? [.. secrets] : null,
                        SecurityContext = PodTemplate.PodSecurity(),
                        Containers = [Container(model, spec, snapshot, image, canary, stable)],
                        Volumes = [.. Golden(spec) is { } golden ? (V1Volume[])[golden] : [], new V1Volume { Name = ScratchVolume, EmptyDir = new V1EmptyDirVolumeSource() }],
                    },
                },
            },
        };
    }

    /// <summary>Not those of the model's pods: by them replicas are counted, and traffic is routed.</summary>
    private static Dictionary<string, string> Labels(AttentionModel model) => new()
    {
        [LabelNames.AppName] = LabelNames.EvaluationAppName,
        [LabelNames.AppInstance] = model.Metadata.Name,
        [LabelNames.AppComponent] = LabelNames.EvaluationComponent,
        [LabelNames.AppPartOf] = LabelNames.Product,
        [LabelNames.AppManagedBy] = LabelNames.Product,
        [LabelNames.EvaluationOf] = model.Metadata.Name,
    };

    private static V1Container Container(AttentionModel model, EvaluationSpec spec, RevisionSnapshot snapshot, string image, string canary, string? stable)
    {
        var amounts = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(Cpu), ["memory"] = new(Memory) };
        return new V1Container
        {
            Name = ContainerName,
            Image = image,
            ImagePullPolicy = snapshot.Runtime.ImagePullPolicy?.ToString(),
            Args =
            [
                "evaluate", "--name", model.Metadata.Name, "--task", snapshot.Task.ToString(), "--metric", spec.Metric.ToString(),
                "--max-tokens", spec.MaxTokens.ToString(System.Globalization.CultureInfo.InvariantCulture), "--canary", canary,
                .. stable is null ? (string[])[] : ["--stable", stable],
                .. spec.Cases is { } cases ? (string[])["--cases", JsonSerializer.Serialize(cases, KubeJson.Options)] : ["--golden", GoldenPath(spec)],
            ],
            Resources = new V1ResourceRequirements { Requests = amounts, Limits = new Dictionary<string, ResourceQuantity> { ["memory"] = new(Memory) } },
            SecurityContext = PodTemplate.ContainerSecurity(),
            TerminationMessagePath = RuntimeLayout.TerminationLog,
            TerminationMessagePolicy = "File",
            VolumeMounts =
            [
                .. Golden(spec) is null ? (V1VolumeMount[])[] : [new V1VolumeMount { Name = GoldenVolume, MountPath = RuntimeLayout.GoldenDirectory, ReadOnlyProperty = true }],
                new V1VolumeMount { Name = ScratchVolume, MountPath = "/tmp" },
            ],
        };
    }

    private static string GoldenPath(EvaluationSpec spec) =>
        RuntimeLayout.GoldenDirectory + "/" + (spec.ConfigMapRef?.Key ?? Uri(spec).Path);

    private static V1Volume? Golden(EvaluationSpec spec) => spec switch
    {
        { ConfigMapRef: { } map } => new V1Volume { Name = GoldenVolume, ConfigMap = new V1ConfigMapVolumeSource { Name = map.Name, Items = [new V1KeyToPath { Key = map.Key, Path = map.Key }] } },
        { Uri: not null } => new V1Volume { Name = GoldenVolume, PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = Uri(spec).Claim, ReadOnlyProperty = true } },
        _ => null,
    };

    private static ArtifactUri Uri(EvaluationSpec spec) =>
        ArtifactUri.TryParse(spec.Uri, out var uri, out var error) ? uri! : throw new ArgumentException($"'{spec.Uri}' {error}", nameof(spec));
}
