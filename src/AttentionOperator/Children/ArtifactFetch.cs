using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.V1Alpha1;
using k8s.Models;

namespace AttentionOperator.Children;

/// <summary>The init containers that bring fetched files into the pod: the runtime's own <c>fetch</c>, with the credentials of the source and nothing else.</summary>
internal static class ArtifactFetch
{
    private const string NamePrefix = "fetch-";
    private const string Cpu = "100m";
    private const string Memory = "512Mi";

    /// <summary>Name of the container that fetches what is linked under a name.</summary>
    public static string ContainerName(string link) => NamePrefix + link;

    /// <summary>The name under which a container links what it fetches.</summary>
    public static string LinkOf(string container) => container[NamePrefix.Length..];

    public static bool IsFetch(string container) => container.StartsWith(NamePrefix, StringComparison.Ordinal);

    /// <param name="snapshot">The revision.</param>
    /// <param name="uri">What to fetch.</param>
    /// <param name="digest">What it must be; null: anything.</param>
    /// <param name="link">Name of the link to it, below <see cref="RuntimeLayout.FetchedDirectory"/>.</param>
    /// <param name="mounts">The cache and the links, writable.</param>
    public static V1Container Render(RevisionSnapshot snapshot, string uri, string? digest, string link, IEnumerable<V1VolumeMount> mounts) => new()
    {
        Name = ContainerName(link),
        Image = snapshot.Image,
        ImagePullPolicy = snapshot.Runtime.ImagePullPolicy?.ToString(),
        Args =
        [
            "fetch", "--uri", uri, "--cache", RuntimeLayout.CacheDirectory, "--link", $"{RuntimeLayout.FetchedDirectory}/{link}", "--listen",
            .. digest is null ? (string[])[] : ["--digest", digest],
            // A pod's own volume is limited by the kubelet.
            .. snapshot.Model.Cache is { ClaimName: not null, Size: { } size } ? (string[])["--max-size", size] : [],
        ],
        // The model's own variables too: they hold proxies, and go before entries of the Secret.
        Env = [PodTemplate.Field(EnvironmentNames.PodIp, "status.podIP"), .. (snapshot.Runtime.Env ?? []).Select(variable => new V1EnvVar { Name = variable.Name, Value = variable.Value }), .. Credentials(uri, snapshot)],
        Resources = Resources(snapshot.Resources),
        SecurityContext = PodTemplate.ContainerSecurity(),
        TerminationMessagePath = RuntimeLayout.TerminationLog,
        TerminationMessagePolicy = "File",
        VolumeMounts = [.. mounts, PodTemplate.Scratch()],
    };

    /// <summary>Only the entries that the source's kind reads, each where the Secret has it.</summary>
    private static IEnumerable<V1EnvVar> Credentials(string uri, RevisionSnapshot snapshot)
    {
        if (snapshot.Model.SecretRef?.Name is not { } secret || !ArtifactUri.TryParse(uri, out var parsed, out _))
        {
            return [];
        }

        return FetchVariables.Of(parsed!.Scheme).Where(name => snapshot.Runtime.Env?.Any(variable => variable.Name == name) != true).Select(name => new V1EnvVar
        {
            Name = name,
            ValueFrom = new V1EnvVarSource { SecretKeyRef = new V1SecretKeySelector { Name = secret, Key = name, Optional = true } },
        });
    }

    /// <summary>Those of the runtime, which starts when this has ended: the pod asks its node for no more, and keeps its class of service.</summary>
    private static V1ResourceRequirements Resources(ResourcesSpec resources)
    {
        var amounts = new Dictionary<string, ResourceQuantity>(StringComparer.Ordinal) { ["cpu"] = new(resources.Cpu ?? Cpu), ["memory"] = new(resources.Memory ?? Memory) };
        return new V1ResourceRequirements { Requests = amounts, Limits = new Dictionary<string, ResourceQuantity>(amounts) };
    }
}
