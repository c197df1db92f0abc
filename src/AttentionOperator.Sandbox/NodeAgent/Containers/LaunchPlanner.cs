using AttentionOperator.Sandbox.NodeAgent.Images;
using AttentionOperator.Sandbox.NodeAgent.Processes;
using AttentionOperator.Sandbox.NodeAgent.Volumes;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>Turns a container's specification into a process's.</summary>
internal static class LaunchPlanner
{
    /// <exception cref="ContainerConfigurationException">The image is not mapped, or a reference does not resolve.</exception>
    public static async Task<LaunchPlan> PlanAsync(ContainerContext context, string terminationLog, CancellationToken cancellationToken)
    {
        var container = context.Container;
        var services = context.Services;
        var entryPoint = services.Images.Find(container.Image)
            ?? throw new ContainerConfigurationException(
                "ErrImagePull",
                $"image \"{container.Image}\" stands for no local command: map it with --image NAME=COMMAND when the Sandbox is started");

        // A subPathExpr needs the environment and the environment's paths need the mounts: only plain values take part in the first.
        var plain = (container.Env ?? []).Where(e => e.Value is not null).ToDictionary(e => e.Name, e => e.Value, StringComparer.Ordinal);
        var mounts = VolumeManager.Mounts(container, context.Volumes, plain.GetValueOrDefault);
        var baseEnvironment = new Dictionary<string, string>(services.Node.BaseEnvironment, StringComparer.Ordinal);
        foreach (var (name, value) in context.PodEnvironment)
        {
            baseEnvironment[name] = value;
        }

        baseEnvironment["HOSTNAME"] = context.CurrentPod().Spec.Hostname ?? context.CurrentPod().Metadata.Name;
        var environment = await services.Environment.BuildAsync(
            new EnvironmentContext(context.CurrentPod(), container, baseEnvironment, mounts, context.Address, services.Node.Address, services.Node.Capacity),
            cancellationToken).ConfigureAwait(false);
        environment["TERMINATION_LOG"] = terminationLog;
        environment.TryAdd("POD_IP", context.Address);

        string Prepare(string text) => mounts.Rewrite(VariableExpansion.Expand(text, environment.GetValueOrDefault));
        var command = ImageMap.CommandLine(entryPoint, [.. (container.Command ?? []).Select(Prepare)], [.. (container.Args ?? []).Select(Prepare)]);
        var workingDirectory = string.IsNullOrEmpty(container.WorkingDir) ? context.Directory : mounts.Rewrite(container.WorkingDir);
        var ports = (container.Ports ?? []).Where(p => p.Name is not null).ToDictionary(p => p.Name, p => p.ContainerPort, StringComparer.Ordinal);
        return new LaunchPlan(
            new ProcessSpecification(command[0], [.. command.Skip(1)], environment, workingDirectory),
            new ContainerTarget(context.Address, ports, environment, mounts, workingDirectory));
    }
}
