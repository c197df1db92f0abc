using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.V1Alpha1;
using k8s.Models;

namespace AttentionOperator.Children;

/// <summary>How the model's and the tokenizer's files reach the container, read-only.</summary>
internal sealed class ArtifactVolumes
{
    private const string ModelVolume = "model";
    private const string TokenizerVolume = "tokenizer";

    private readonly List<V1Volume> volumes = [];
    private readonly List<V1VolumeMount> mounts = [];

    private ArtifactVolumes(string modelUri, string? tokenizerUri)
    {
        ModelPath = Mount(modelUri, ModelVolume, RuntimeLayout.ModelsDirectory);
        TokenizerPath = tokenizerUri is null ? null : Mount(tokenizerUri, TokenizerVolume, RuntimeLayout.TokenizersDirectory);
    }

    /// <summary>The model's directory in the container.</summary>
    public string ModelPath { get; }

    /// <summary>The tokenizer's directory in the container; null where it lies beside the model.</summary>
    public string? TokenizerPath { get; }

    public IReadOnlyList<V1Volume> Volumes => volumes;

    public IReadOnlyList<V1VolumeMount> Mounts => mounts;

    public static ArtifactVolumes Of(RevisionSnapshot snapshot) => new(snapshot.Model.Uri, snapshot.Tokenizer?.Uri);

    private string Mount(string text, string volume, string directory)
    {
        if (!ArtifactUri.TryParse(text, out var uri, out var error))
        {
            throw new ArgumentException($"'{text}' {error}", nameof(text));
        }

        mounts.Add(new V1VolumeMount { Name = volume, MountPath = directory, ReadOnlyProperty = true });
        if (uri!.Scheme == ArtifactScheme.File)
        {
            volumes.Add(new V1Volume { Name = volume, HostPath = new V1HostPathVolumeSource { Path = uri.Path, Type = "Directory" } });
            return directory;
        }

        volumes.Add(new V1Volume { Name = volume, PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = uri.Claim, ReadOnlyProperty = true } });
        return uri.Path.Length == 0 ? directory : $"{directory}/{uri.Path}";
    }
}
