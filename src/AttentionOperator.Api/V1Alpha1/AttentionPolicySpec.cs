using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Rules for AttentionModels. Where several policies hold, every one must be kept; defaults are those of the namespace's own policies first, then by name.</summary>
public record AttentionPolicySpec
{
    /// <summary>What a model gets whose spec leaves it out.</summary>
    public PolicyDefaults? Defaults { get; init; }

    /// <summary>The most that a model's spec may say.</summary>
    public PolicyCaps? Caps { get; init; }

    /// <summary>Beginnings of the uris that models and tokenizers may have, such as pvc://models or s3://approved/; default: any. They end at a slash or the uri's end; hf://org/model and oci://host/model admit every revision, tag and digest.</summary>
    [Length(64)]
    [ListSet]
    public IReadOnlyList<string>? AllowedSources { get; init; }

    /// <summary>Models must pin their files by digest.</summary>
    public bool RequireDigest { get; init; }

    /// <summary>Images that runtime.image may name, with * for any characters, such as registry.example.com/serving/*; default: any. The installation's own runtime is always allowed.</summary>
    [Length(64)]
    [ListSet]
    public IReadOnlyList<string>? AllowedRuntimes { get; init; }

    /// <summary>The most that all models of a namespace may use together.</summary>
    public PolicyCeilings? Ceilings { get; init; }

    /// <summary>Prices of accelerators, for the ceiling of cost and for reports.</summary>
    [Length(64)]
    public IReadOnlyList<AcceleratorPrice>? Prices { get; init; }
}
