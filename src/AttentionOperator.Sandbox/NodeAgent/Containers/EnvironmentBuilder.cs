using System.Text;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>A container's environment from <c>envFrom</c> and <c>env</c>, in that order, later names winning and <c>$(NAME)</c> seeing what came before.</summary>
internal sealed class EnvironmentBuilder(IEnvironmentSource source)
{
    private const string ErrorReason = "CreateContainerConfigError";

    /// <exception cref="ContainerConfigurationException">A reference that is not optional does not resolve.</exception>
    public async Task<Dictionary<string, string>> BuildAsync(EnvironmentContext context, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, string>(context.Base, StringComparer.Ordinal);
        foreach (var from in context.Container.EnvFrom ?? [])
        {
            await AddAllAsync(from, context, values, cancellationToken).ConfigureAwait(false);
        }

        foreach (var variable in context.Container.Env ?? [])
        {
            var value = variable.ValueFrom is { } from
                ? await ResolveAsync(from, context, cancellationToken).ConfigureAwait(false)
                : VariableExpansion.Expand(variable.Value ?? string.Empty, values.GetValueOrDefault);
            if (value is not null)
            {
                values[variable.Name] = context.Mounts.Rewrite(value);
            }
        }

        return values;
    }

    private async Task AddAllAsync(V1EnvFromSource from, EnvironmentContext context, Dictionary<string, string> values, CancellationToken cancellationToken)
    {
        var ns = context.Pod.Metadata.NamespaceProperty;
        IEnumerable<KeyValuePair<string, string>> found = [];
        if (from.ConfigMapRef is { } configMap)
        {
            var data = (await source.ConfigMapAsync(ns, configMap.Name, cancellationToken).ConfigureAwait(false))?.Data;
            Require(data is not null || configMap.Optional == true, $"configmap \"{configMap.Name}\" not found");
            found = data ?? found;
        }
        else if (from.SecretRef is { } secret)
        {
            var data = (await source.SecretAsync(ns, secret.Name, cancellationToken).ConfigureAwait(false))?.Data;
            Require(data is not null || secret.Optional == true, $"secret \"{secret.Name}\" not found");
            found = data?.Select(d => KeyValuePair.Create(d.Key, Encoding.UTF8.GetString(d.Value))) ?? found;
        }

        foreach (var (key, value) in found)
        {
            values[from.Prefix + key] = context.Mounts.Rewrite(value);
        }
    }

    private async Task<string?> ResolveAsync(V1EnvVarSource from, EnvironmentContext context, CancellationToken cancellationToken)
    {
        var ns = context.Pod.Metadata.NamespaceProperty;
        if (from.FieldRef is { } field)
        {
            return DownwardApi.Field(context.Pod, field.FieldPath, context.PodAddress, context.HostAddress);
        }

        if (from.ResourceFieldRef is { } resource)
        {
            return DownwardApi.Resource(context.Container, resource.Resource, resource.Divisor, context.NodeCapacity);
        }

        if (from.ConfigMapKeyRef is { } key)
        {
            var map = await source.ConfigMapAsync(ns, key.Name, cancellationToken).ConfigureAwait(false);
            Require(map is not null || key.Optional == true, $"configmap \"{key.Name}\" not found");
            var value = map?.Data?.TryGetValue(key.Key, out var text) == true ? text : null;
            Require(value is not null || key.Optional == true, $"couldn't find key {key.Key} in ConfigMap {ns}/{key.Name}");
            return value;
        }

        if (from.SecretKeyRef is { } secretKey)
        {
            var secret = await source.SecretAsync(ns, secretKey.Name, cancellationToken).ConfigureAwait(false);
            Require(secret is not null || secretKey.Optional == true, $"secret \"{secretKey.Name}\" not found");
            var value = secret?.Data?.TryGetValue(secretKey.Key, out var bytes) == true ? Encoding.UTF8.GetString(bytes) : null;
            Require(value is not null || secretKey.Optional == true, $"couldn't find key {secretKey.Key} in Secret {ns}/{secretKey.Name}");
            return value;
        }

        throw new ContainerConfigurationException(ErrorReason, "an env entry has a valueFrom that is none of fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ContainerConfigurationException(ErrorReason, message);
        }
    }
}
