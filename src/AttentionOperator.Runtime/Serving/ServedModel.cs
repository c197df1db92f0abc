using AttentionOperator.Api.Runtime;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Runtime.Serving;

/// <summary>A loaded model, as far as HTTP needs to know it. Owns its engines.</summary>
internal sealed class ServedModel : IAsyncDisposable
{
    public required RuntimeConfiguration Configuration { get; init; }

    public required ITokenizer Tokenizer { get; init; }

    public IChatTemplate? ChatTemplate { get; init; }

    /// <summary>Why the model's chat template cannot be used; null where it can, or there is none.</summary>
    public string? ChatTemplateProblem { get; init; }

    /// <summary>For Generate and Seq2Seq.</summary>
    public IGenerationEngine? Generation { get; init; }

    /// <summary>For Embed, Rerank and Classify.</summary>
    public IEncoderEngine? Encoder { get; init; }

    /// <summary>Longest sequence: input and output together for decoders, input for encoders.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Cap of one request's input, resolved from the spec and the model's positions.</summary>
    public required int MaxInputTokens { get; init; }

    /// <summary>Cap of one request's output; null = what positions are left.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Ids that end an answer.</summary>
    public IReadOnlyList<int> EndTokenIds { get; init; } = [];

    /// <summary>Sampling where the request says nothing (the model's generation_config.json).</summary>
    public SamplingParameters DefaultSampling { get; init; } = new();

    /// <summary>Components of an embedding; 0 where the model gives none.</summary>
    public int EmbeddingDimensions { get; init; }

    /// <summary>Names of the classification head's outputs, in order.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Labels are independent (sigmoid each) rather than exclusive (softmax).</summary>
    public bool IndependentLabels { get; init; }

    /// <summary>sha256 of the model's directory where it was computed.</summary>
    public string? ModelDigest { get; init; }

    public DateTimeOffset LoadedAt { get; init; }

    /// <summary>Completes when the engine has ended, for whatever reason.</summary>
    public Task EngineEnded { get; init; } = Task.Delay(Timeout.Infinite);

    /// <summary>Why the engine has ended, where it failed for good.</summary>
    public Func<Exception?> EngineFault { get; init; } = static () => null;

    /// <summary>A GPU computes it.</summary>
    public bool OnGpu { get; init; }

    /// <summary>Tokens per block of the key-value cache; 0 where there is none.</summary>
    public int CacheBlockSize { get; init; }

    /// <summary>What else ends with the model (executors, memory maps).</summary>
    public IReadOnlyList<IDisposable> Resources { get; init; } = [];

    public string Name => Configuration.Model;

    public bool IsSeq2Seq => Configuration.Task == Api.V1Alpha1.ModelTask.Seq2Seq;

    public EngineStatistics Statistics => Generation?.Statistics ?? Encoder?.Statistics ?? new EngineStatistics();

    public EngineState State => Generation?.State ?? Encoder?.State ?? EngineState.Stopped;

    /// <summary>Positions that are taken before the first output token: the prompt's, or the decoder's start token.</summary>
    public int PositionsBefore(int[] prompt) => IsSeq2Seq ? 1 : prompt.Length;

    public async ValueTask DisposeAsync()
    {
        if (Generation is not null) await Generation.DisposeAsync();
        if (Encoder is not null) await Encoder.DisposeAsync();
        foreach (var resource in Resources) resource.Dispose();
    }
}
