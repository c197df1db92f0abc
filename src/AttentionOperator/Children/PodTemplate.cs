using System.Globalization;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using k8s.Models;

namespace AttentionOperator.Children;

/// <summary>The pods of a revision: one unprivileged container that runs the inference runtime.</summary>
internal static class PodTemplate
{
    public const string ContainerName = "runtime";

    /// <summary>Name of the pod's claim, and of the request in it.</summary>
    public const string AcceleratorClaimName = "accelerator";

    private const string ConfigVolume = "config";
    private const string ScratchVolume = "tmp";
    private const long UnprivilegedId = 65532;

    // Time after the runtime's own drain in which it closes; SIGKILL comes after it.
    private const int CloseSeconds = 15;

    public static V1PodTemplateSpec Render(AttentionModel model, string revision, RevisionSnapshot snapshot, PodCapacity capacity = PodCapacity.Any, int? budget = null)
    {
        var artifacts = ArtifactVolumes.Of(snapshot);
        return new V1PodTemplateSpec
        {
            Metadata = new V1ObjectMeta
            {
                Labels = ChildLabels.OfRevision(model, revision, capacity),
                // It tells which budget a pod started with, and replaces the pods of another one.
                Annotations = budget is { } tokens ? new Dictionary<string, string> { [AnnotationNames.BatchTokens] = tokens.ToString(CultureInfo.InvariantCulture) } : null,
            },
            Spec = new V1PodSpec
            {
                ServiceAccountName = ChildNames.ServiceAccount(model.Metadata.Name),
                AutomountServiceAccountToken = false,
                EnableServiceLinks = false,
                TerminationGracePeriodSeconds = RuntimeConfigurationBuilder.WholeSeconds(snapshot.Runtime.DrainTimeout) + CloseSeconds,
                ImagePullSecrets = snapshot.Runtime.ImagePullSecrets is { Count: > 0 } secrets ? [.. secrets] : null,
                NodeSelector = NodePlacement.NodeSelector(snapshot),
                Affinity = NodePlacement.Affinity(snapshot, capacity),
                Tolerations = NodePlacement.Tolerations(snapshot, capacity),
                TopologySpreadConstraints = NodePlacement.Spread(model, revision, snapshot),
                ResourceClaims = snapshot.Resources.Accelerator?.Claim is null ? null
                    : [new V1PodResourceClaim { Name = AcceleratorClaimName, ResourceClaimTemplateName = ChildNames.Revision(model.Metadata.Name, revision) }],
                PriorityClassName = snapshot.Placement?.PriorityClassName,
                RuntimeClassName = snapshot.Placement?.RuntimeClassName,
                SecurityContext = artifacts.WritesClaim ? SharingSecurity() : PodSecurity(),
                InitContainers = artifacts.Fetches is { Count: > 0 } fetches ? [.. fetches] : null,
                Containers = [Container(model, revision, snapshot, artifacts)],
                Volumes =
                [
                    new V1Volume { Name = ConfigVolume, ConfigMap = new V1ConfigMapVolumeSource { Name = ChildNames.Revision(model.Metadata.Name, revision) } },
                    .. artifacts.Volumes,
                    new V1Volume { Name = ScratchVolume, EmptyDir = new V1EmptyDirVolumeSource() },
                ],
            },
        };
    }

    /// <summary>What Kubernetes' restricted profile asks of a pod.</summary>
    internal static V1PodSecurityContext PodSecurity() => new()
    {
        RunAsNonRoot = true,
        RunAsUser = UnprivilegedId,
        RunAsGroup = UnprivilegedId,
        SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
    };

    /// <summary>The same, and a claim's files belong to the group of all pods of models.</summary>
    private static V1PodSecurityContext SharingSecurity()
    {
        var security = PodSecurity();
        security.FsGroup = UnprivilegedId;
        security.FsGroupChangePolicy = "OnRootMismatch";
        return security;
    }

    /// <summary>What the restricted profile asks of a container, and a root file system that nobody can write.</summary>
    internal static V1SecurityContext ContainerSecurity() => new()
    {
        AllowPrivilegeEscalation = false,
        ReadOnlyRootFilesystem = true,
        RunAsNonRoot = true,
        Capabilities = new V1Capabilities { Drop = ["ALL"] },
    };

    private static V1Container Container(AttentionModel model, string revision, RevisionSnapshot snapshot, ArtifactVolumes artifacts) => new()
    {
        Name = ContainerName,
        Image = snapshot.Image,
        ImagePullPolicy = snapshot.Runtime.ImagePullPolicy?.ToString(),
        Args = ["serve", "--config", RuntimeLayout.ConfigPath, "--model", artifacts.ModelPath, .. artifacts.TokenizerPath is { } tokenizer ? (string[])["--tokenizer", tokenizer] : []],
        Env = Environment(snapshot),
        Ports = [new V1ContainerPort { Name = PortNames.Http, ContainerPort = PortNames.Runtime, Protocol = "TCP" }],
        Resources = Resources(snapshot.Resources),
        StartupProbe = Probe(RuntimeLayout.StartupPath, periodSeconds: 1, failureThreshold: RuntimeConfigurationBuilder.WholeSeconds(snapshot.Runtime.StartupTimeout)),
        ReadinessProbe = Probe(RuntimeLayout.ReadyPath, periodSeconds: 2, failureThreshold: 2),
        LivenessProbe = Probe(RuntimeLayout.LivePath, periodSeconds: 10, failureThreshold: 3),
        SecurityContext = ContainerSecurity(),
        TerminationMessagePath = RuntimeLayout.TerminationLog,
        TerminationMessagePolicy = "File",
        VolumeMounts =
        [
            new V1VolumeMount { Name = ConfigVolume, MountPath = RuntimeLayout.ConfigDirectory, ReadOnlyProperty = true },
            .. artifacts.Mounts,
            Scratch(),
        ],
    };

    /// <summary>The one place that every container may write to.</summary>
    internal static V1VolumeMount Scratch() => new() { Name = ScratchVolume, MountPath = "/tmp" };

    private static V1Probe Probe(string path, int periodSeconds, int failureThreshold) => new()
    {
        HttpGet = new V1HTTPGetAction { Path = path, Port = PortNames.Http, Scheme = "HTTP" },
        PeriodSeconds = periodSeconds,
        TimeoutSeconds = 5,
        SuccessThreshold = 1,
        FailureThreshold = failureThreshold,
    };

    private static List<V1EnvVar> Environment(RevisionSnapshot snapshot)
    {
        var variables = new List<V1EnvVar>
        {
            Field(EnvironmentNames.PodIp, "status.podIP"),
            Field(EnvironmentNames.PodName, "metadata.name"),
            // Optional: without the Secret, answers are not continued on another pod.
            new()
            {
                Name = EnvironmentNames.InternalToken,
                ValueFrom = new V1EnvVarSource { SecretKeyRef = new V1SecretKeySelector { Name = EnvironmentNames.InternalTokenSecret, Key = EnvironmentNames.InternalTokenKey, Optional = true } },
            },
        };
        if (snapshot.Observability?.OtlpEndpoint is { } endpoint)
        {
            variables.Add(new V1EnvVar { Name = EnvironmentNames.OtlpEndpoint, Value = endpoint });
        }

        variables.AddRange((snapshot.Runtime.Env ?? []).Select(variable => new V1EnvVar { Name = variable.Name, Value = variable.Value }));
        return variables;
    }

    internal static V1EnvVar Field(string name, string path) => new()
    {
        Name = name,
        ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { ApiVersion = "v1", FieldPath = path } },
    };

    private static V1ResourceRequirements? Resources(ResourcesSpec resources)
    {
        var amounts = new Dictionary<string, ResourceQuantity>(StringComparer.Ordinal);
        if (resources.Cpu is { } cpu)
        {
            amounts["cpu"] = new ResourceQuantity(cpu);
        }

        if (resources.Memory is { } memory)
        {
            amounts["memory"] = new ResourceQuantity(memory);
        }

        if (resources.Accelerator is { } accelerator && accelerator.Resource() is { } resource)
        {
            amounts[resource] = new ResourceQuantity(accelerator.Count.ToString(CultureInfo.InvariantCulture));
        }

        // Requests equal limits: a model's memory is known in advance, and a burst that the node cannot give is an outage.
        var claims = resources.Accelerator?.Claim is null ? null : new List<Corev1ResourceClaim> { new() { Name = AcceleratorClaimName } };
        return amounts.Count == 0 && claims is null ? null : new V1ResourceRequirements
        {
            Claims = claims,
            Requests = amounts.Count == 0 ? null : amounts,
            Limits = amounts.Count == 0 ? null : new Dictionary<string, ResourceQuantity>(amounts),
        };
    }
}
