using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.V1Alpha1;
using k8s.Models;

namespace AttentionOperator.Children;

/// <summary>How the model's and the tokenizer's files reach the container, read-only: mounted, or fetched before it starts.</summary>
internal sealed class ArtifactVolumes
{
    private const string ModelVolume = "model";
    private const string TokenizerVolume = "tokenizer";
    private const string CacheVolume = "cache";
    private const string LinkVolume = "fetched";

    private readonly RevisionSnapshot snapshot;
    private readonly List<V1Volume> volumes = [];
    private readonly List<V1VolumeMount> mounts = [];
    private readonly List<V1Container> fetches = [];

    private ArtifactVolumes(RevisionSnapshot snapshot)
    {
        this.snapshot = snapshot;
        ModelPath = Add(snapshot.Model.Uri, snapshot.Model.Digest, ModelVolume, RuntimeLayout.ModelsDirectory);
        // The tokenizer's digest is of what its files mean, and the runtime compares it; this is none of the files.
        TokenizerPath = snapshot.Tokenizer?.Uri is { } tokenizer ? Add(tokenizer, null, TokenizerVolume, RuntimeLayout.TokenizersDirectory) : null;
    }

    /// <summary>The model's directory in the container.</summary>
    public string ModelPath { get; }

    /// <summary>The tokenizer's directory in the container; null where it lies beside the model.</summary>
    public string? TokenizerPath { get; }

    public IReadOnlyList<V1Volume> Volumes => volumes;

    public IReadOnlyList<V1VolumeMount> Mounts => mounts;

    /// <summary>Init containers, in their order; empty where everything is mounted.</summary>
    public IReadOnlyList<V1Container> Fetches => fetches;

    /// <summary>Whether pods write into a claim, whose files belong to whoever the storage says.</summary>
    public bool WritesClaim => fetches.Count > 0 && snapshot.Model.Cache?.ClaimName is not null;

    public static ArtifactVolumes Of(RevisionSnapshot snapshot) => new(snapshot);

    private string Add(string text, string? digest, string volume, string directory)
    {
        if (!ArtifactUri.TryParse(text, out var uri, out var error))
        {
            throw new ArgumentException($"'{text}' {error}", nameof(text));
        }

        return uri!.IsFetched ? Fetch(text, digest, volume) : Mount(uri, volume, directory);
    }

    private string Mount(ArtifactUri uri, string volume, string directory)
    {
        mounts.Add(new V1VolumeMount { Name = volume, MountPath = directory, ReadOnlyProperty = true });
        volumes.Add(uri.Scheme switch
        {
            ArtifactScheme.File => new V1Volume { Name = volume, HostPath = new V1HostPathVolumeSource { Path = uri.Path, Type = "Directory" } },
            ArtifactScheme.Oci => new V1Volume { Name = volume, Image = new V1ImageVolumeSource { Reference = uri.Path, PullPolicy = snapshot.Runtime.ImagePullPolicy?.ToString() } },
            _ => new V1Volume { Name = volume, PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = uri.Claim, ReadOnlyProperty = true } },
        });
        return uri.Scheme == ArtifactScheme.Pvc && uri.Path.Length > 0 ? $"{directory}/{uri.Path}" : directory;
    }

    /// <summary>The files lie in the cache, under a name that nobody knows before they are there; a link in a volume of the pod's own leads to them.</summary>
    private string Fetch(string uri, string? digest, string link)
    {
        if (fetches.Count == 0)
        {
            volumes.Add(Cache(snapshot.Model.Cache));
            volumes.Add(new V1Volume { Name = LinkVolume, EmptyDir = new V1EmptyDirVolumeSource() });
            mounts.AddRange(Shared(readOnly: true));
        }

        fetches.Add(ArtifactFetch.Render(snapshot, uri, digest, link, Shared(readOnly: null)));
        return $"{RuntimeLayout.FetchedDirectory}/{link}";
    }

    private static V1Volume Cache(ModelCacheSpec? cache) => cache?.ClaimName is { } claim
        ? new V1Volume { Name = CacheVolume, PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = claim } }
        : new V1Volume { Name = CacheVolume, EmptyDir = new V1EmptyDirVolumeSource { SizeLimit = cache?.Size is { } size ? new ResourceQuantity(size) : null } };

    private static IEnumerable<V1VolumeMount> Shared(bool? readOnly) =>
    [
        new V1VolumeMount { Name = CacheVolume, MountPath = RuntimeLayout.CacheDirectory, ReadOnlyProperty = readOnly },
        new V1VolumeMount { Name = LinkVolume, MountPath = RuntimeLayout.FetchedDirectory, ReadOnlyProperty = readOnly },
    ];
}
