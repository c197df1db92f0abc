using System.Globalization;
using AttentionOperator.Sandbox.NodeAgent.Processes;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>Where probes and hooks of a running container go: its pod's address, its named ports, its environment and its mounts.</summary>
internal sealed record ContainerTarget(
    string Address,
    IReadOnlyDictionary<string, int> Ports,
    IReadOnlyDictionary<string, string> Environment,
    MountTable Mounts,
    string WorkingDirectory)
{
    /// <summary>A port by number or by the name that the container gives it.</summary>
    /// <exception cref="ContainerConfigurationException">No container port has that name.</exception>
    public int Port(IntOrString port) =>
        int.TryParse(port.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : Ports.TryGetValue(port.Value, out var named)
                ? named
                : throw new ContainerConfigurationException("InvalidPort", $"couldn't find port \"{port.Value}\": no container port has that name");

    public ProcessSpecification Command(IList<string> command) =>
        new(command[0], [.. command.Skip(1).Select(Mounts.Rewrite)], Environment, WorkingDirectory);
}
