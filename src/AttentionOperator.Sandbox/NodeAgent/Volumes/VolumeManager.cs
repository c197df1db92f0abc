using AttentionOperator.Sandbox.NodeAgent.Containers;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Volumes;

/// <summary>Gives each volume of a pod a directory on the host and fills it.</summary>
internal sealed class VolumeManager(IVolumeSource source, ClaimDirectories claims, VolumeFiles files, TimeProvider time)
{
    /// <summary>Prepares all volumes; calling it again brings those made from objects up to date in place.</summary>
    /// <returns>Host path by volume name.</returns>
    /// <exception cref="VolumeException">A volume's source is missing.</exception>
    public async Task<IReadOnlyDictionary<string, string>> PrepareAsync(VolumeContext context, CancellationToken cancellationToken)
    {
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var volume in context.Pod.Spec.Volumes ?? [])
        {
            paths[volume.Name] = await PrepareAsync(volume, context, cancellationToken).ConfigureAwait(false);
        }

        return paths;
    }

    /// <summary>Whether the pod has a volume whose content follows an object.</summary>
    public static bool Follows(V1Pod pod, string kind, string name) => (pod.Spec.Volumes ?? []).Any(volume =>
        kind == V1ConfigMap.KubeKind
            ? volume.ConfigMap?.Name == name || volume.Projected?.Sources?.Any(s => s.ConfigMap?.Name == name) == true
            : volume.Secret?.SecretName == name || volume.Projected?.Sources?.Any(s => s.Secret?.Name == name) == true);

    /// <summary>Mount paths of a container with the host paths behind them.</summary>
    public static MountTable Mounts(V1Container container, IReadOnlyDictionary<string, string> volumes, Func<string, string?> lookup) =>
        new((container.VolumeMounts ?? []).Select(mount =>
        {
            if (!volumes.TryGetValue(mount.Name, out var host))
            {
                throw new ContainerConfigurationException("CreateContainerConfigError", $"volumeMount \"{mount.Name}\" names no volume of the pod");
            }

            var subPath = mount.SubPathExpr is { Length: > 0 } expression ? VariableExpansion.Expand(expression, lookup) : mount.SubPath;
            return KeyValuePair.Create(mount.MountPath, string.IsNullOrEmpty(subPath) ? host : Path.Combine(host, subPath));
        }));

    private async Task<string> PrepareAsync(V1Volume volume, VolumeContext context, CancellationToken cancellationToken)
    {
        if (volume.HostPath is { } hostPath)
        {
            return HostPath(volume.Name, hostPath);
        }

        if (volume.PersistentVolumeClaim is { } claim)
        {
            return await ClaimAsync(volume.Name, context.Pod.Metadata.NamespaceProperty, claim.ClaimName, cancellationToken).ConfigureAwait(false);
        }

        var directory = Path.Combine(context.Directory, "volumes", volume.Name);
        if (volume.EmptyDir is not null || volume.Ephemeral is not null)
        {
            Directory.CreateDirectory(directory);
            return directory;
        }

        var content = await files.CollectAsync(volume, context, cancellationToken).ConfigureAwait(false)
            ?? throw new VolumeException(volume.Name, "the Sandbox has configMap, secret, emptyDir, hostPath, persistentVolumeClaim, projected and downwardAPI volumes only");
        AtomicDirectory.Write(directory, content, time);
        return directory;
    }

    private async Task<string> ClaimAsync(string volume, string @namespace, string name, CancellationToken cancellationToken)
    {
        if (claims.Find(@namespace, name) is { } mapped)
        {
            return Directory.Exists(mapped)
                ? mapped
                : throw new VolumeException(volume, $"claim \"{name}\" is mapped to {mapped}, which does not exist");
        }

        var claim = await source.ClaimAsync(@namespace, name, cancellationToken).ConfigureAwait(false)
            ?? throw new VolumeException(volume, $"persistentvolumeclaim \"{name}\" not found");
        var bound = string.IsNullOrEmpty(claim.Spec.VolumeName)
            ? null
            : await source.PersistentVolumeAsync(claim.Spec.VolumeName, cancellationToken).ConfigureAwait(false);
        var path = bound?.Spec.HostPath?.Path ?? bound?.Spec.Local?.Path
            ?? throw new VolumeException(volume, $"claim \"{name}\" is bound to no volume with a hostPath; map it with --volume {name}=DIRECTORY");
        return Directory.Exists(path) ? path : throw new VolumeException(volume, $"hostPath {path} does not exist");
    }

    private static string HostPath(string volume, V1HostPathVolumeSource source)
    {
        switch (source.Type)
        {
            case "Directory" when !Directory.Exists(source.Path):
                throw new VolumeException(volume, $"hostPath type check failed: {source.Path} is not a directory");
            case "File" when !File.Exists(source.Path):
                throw new VolumeException(volume, $"hostPath type check failed: {source.Path} is not a file");
            case "DirectoryOrCreate":
                Directory.CreateDirectory(source.Path);
                break;
            case "FileOrCreate" when !File.Exists(source.Path):
                Directory.CreateDirectory(Path.GetDirectoryName(source.Path)!);
                File.WriteAllBytes(source.Path, []);
                break;
        }

        return source.Path;
    }
}
