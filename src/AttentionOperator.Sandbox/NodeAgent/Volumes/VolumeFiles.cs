using System.Text;
using AttentionOperator.Sandbox.NodeAgent.Containers;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Volumes;

/// <summary>The files of volumes that are made from API objects.</summary>
internal sealed class VolumeFiles(IVolumeSource source)
{
    /// <summary>Content by path, or null for a volume that is not made from objects.</summary>
    public async Task<Dictionary<string, byte[]>?> CollectAsync(V1Volume volume, VolumeContext context, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        if (volume.ConfigMap is { } configMap)
        {
            await AddConfigMapAsync(volume.Name, configMap.Name, configMap.Items, configMap.Optional, context, files, cancellationToken).ConfigureAwait(false);
        }
        else if (volume.Secret is { } secret)
        {
            await AddSecretAsync(volume.Name, secret.SecretName, secret.Items, secret.Optional, context, files, cancellationToken).ConfigureAwait(false);
        }
        else if (volume.DownwardAPI is { } downward)
        {
            AddDownward(downward.Items, context, files);
        }
        else if (volume.Projected is { } projected)
        {
            foreach (var part in projected.Sources ?? [])
            {
                await AddProjectionAsync(volume.Name, part, context, files, cancellationToken).ConfigureAwait(false);
            }
        }
        else
        {
            return null;
        }

        return files;
    }

    private async Task AddProjectionAsync(
        string volume, V1VolumeProjection part, VolumeContext context, Dictionary<string, byte[]> files, CancellationToken cancellationToken)
    {
        if (part.ConfigMap is { } configMap)
        {
            await AddConfigMapAsync(volume, configMap.Name, configMap.Items, configMap.Optional, context, files, cancellationToken).ConfigureAwait(false);
        }

        if (part.Secret is { } secret)
        {
            await AddSecretAsync(volume, secret.Name, secret.Items, secret.Optional, context, files, cancellationToken).ConfigureAwait(false);
        }

        if (part.DownwardAPI is { } downward)
        {
            AddDownward(downward.Items, context, files);
        }

        if (part.ServiceAccountToken is { } token)
        {
            var text = await source.TokenAsync(context.Pod, token.Audience, token.ExpirationSeconds, cancellationToken).ConfigureAwait(false);
            files[token.Path] = Encoding.UTF8.GetBytes(text);
        }
    }

    private async Task AddConfigMapAsync(
        string volume, string name, IList<V1KeyToPath>? items, bool? optional, VolumeContext context, Dictionary<string, byte[]> files, CancellationToken cancellationToken)
    {
        var map = await source.ConfigMapAsync(context.Pod.Metadata.NamespaceProperty, name, cancellationToken).ConfigureAwait(false);
        if (map is null && optional != true)
        {
            throw new VolumeException(volume, $"configmap \"{name}\" not found");
        }

        var data = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (key, value) in map?.Data ?? new Dictionary<string, string>())
        {
            data[key] = Encoding.UTF8.GetBytes(value);
        }

        foreach (var (key, value) in map?.BinaryData ?? new Dictionary<string, byte[]>())
        {
            data[key] = value;
        }

        Select(volume, $"configmap \"{name}\"", data, items, optional, files);
    }

    private async Task AddSecretAsync(
        string volume, string name, IList<V1KeyToPath>? items, bool? optional, VolumeContext context, Dictionary<string, byte[]> files, CancellationToken cancellationToken)
    {
        var secret = await source.SecretAsync(context.Pod.Metadata.NamespaceProperty, name, cancellationToken).ConfigureAwait(false);
        if (secret is null && optional != true)
        {
            throw new VolumeException(volume, $"secret \"{name}\" not found");
        }

        Select(volume, $"secret \"{name}\"", secret?.Data ?? new Dictionary<string, byte[]>(), items, optional, files);
    }

    private static void AddDownward(IList<V1DownwardAPIVolumeFile>? items, VolumeContext context, Dictionary<string, byte[]> files)
    {
        foreach (var item in items ?? [])
        {
            var text = item.FieldRef is { } field
                ? DownwardApi.Field(context.Pod, field.FieldPath, context.PodAddress, context.HostAddress)
                : DownwardApi.Resource(
                    context.Pod.Spec.Containers.First(c => c.Name == item.ResourceFieldRef.ContainerName),
                    item.ResourceFieldRef.Resource,
                    item.ResourceFieldRef.Divisor,
                    context.NodeCapacity);
            files[item.Path] = Encoding.UTF8.GetBytes(text);
        }
    }

    private static void Select(
        string volume, string owner, IDictionary<string, byte[]> data, IList<V1KeyToPath>? items, bool? optional, Dictionary<string, byte[]> files)
    {
        if (items is not { Count: > 0 })
        {
            foreach (var (key, value) in data)
            {
                files[key] = value;
            }

            return;
        }

        foreach (var item in items)
        {
            if (data.TryGetValue(item.Key, out var value))
            {
                files[item.Path] = value;
            }
            else if (optional != true)
            {
                throw new VolumeException(volume, $"{owner} has no key \"{item.Key}\"");
            }
        }
    }
}
