using AttentionOperator.Sandbox.NodeAgent.Logs;
using AttentionOperator.Sandbox.NodeAgent.Pods;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>A container within its pod.</summary>
/// <param name="CurrentPod">The newest version of the pod object.</param>
/// <param name="Volumes">Host path by volume name.</param>
internal sealed record ContainerContext(
    V1Container Container,
    bool IsInit,
    Func<V1Pod> CurrentPod,
    string Address,
    string PodDirectory,
    IReadOnlyDictionary<string, string> Volumes,
    IReadOnlyDictionary<string, string> PodEnvironment,
    PodServices Services)
{
    public string Directory => Path.Combine(PodDirectory, "containers", Container.Name);

    public bool Restarts(int exitCode) => RestartRule.Restarts(CurrentPod().Spec.RestartPolicy, Container.RestartPolicy, IsInit, exitCode);

    public ContainerLog OpenLog(int run) => new(Path.Combine(Directory, $"{run}.log"), Services.Time);
}
