using System.Threading.Channels;
using AttentionOperator.Inference.Constrained;
using AttentionOperator.Inference.Sampling;
using AttentionOperator.Inference.Scheduling;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Inference.Engine;

/// <summary>One accepted request: its sequence, how it samples, and where its events go.</summary>
internal sealed class GenerationWork : Sequence
{
    // More than one thread may complete it: the engine, and whoever cancels.
    private readonly Channel<TokenOutput> output = Channel.CreateUnbounded<TokenOutput>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = false, AllowSynchronousContinuations = false });

    private bool announced;

    public required GenerationRequest Request { get; init; }

    public required int[] StopIds { get; init; }

    public required SamplingState Sampling { get; init; }

    public ITokenConstraint? Constraint { get; init; }

    /// <summary>Text on its way to the caller. With stop strings the engine's thread runs it, else the reader of the channel.</summary>
    public required TextAssembler Text { get; init; }

    public required bool TextInEngine { get; init; }

    /// <summary>Leading tokens that are no output.</summary>
    public required int PromptLength { get; init; }

    /// <summary>Longest context: prompt and allowed output.</summary>
    public required int LengthLimit { get; init; }

    public TokenLogProb?[]? PromptLogProbs { get; init; }

    /// <summary>Set where nothing is left to generate.</summary>
    public FinishReason? CompleteAs { get; init; }

    public int CachedPromptTokens { get; set; }

    public TimeSpan QueueTime { get; set; }

    public bool EverStarted { get; set; }

    /// <summary>Attention entropy is to be measured when the prompt has been computed.</summary>
    public bool WantsEntropy { get; set; }

    public int OutputCount => Tokens.Count - PromptLength;

    /// <summary>A token was delivered: the request can be continued elsewhere, but not repeated.</summary>
    public bool Announced => announced;

    public ChannelReader<TokenOutput> Reader => output.Reader;

    /// <summary>Writes an event.</summary>
    /// <param name="token">−1 where there is none.</param>
    /// <param name="text">Null where the reader of the channel makes it.</param>
    /// <param name="hidden">The token has no text (a stop id).</param>
    /// <param name="logProb">Where asked for.</param>
    /// <param name="finish">Set on the last event.</param>
    public void Emit(int token, string? text, bool hidden, TokenLogProb? logProb, FinishReason? finish)
    {
        var first = !announced;
        if (token >= 0) announced = true;
        output.Writer.TryWrite(new TokenOutput(
            new GenerationEvent
            {
                TokenId = token,
                Text = text ?? "",
                LogProb = logProb,
                Finish = finish,
                CachedPromptTokens = first ? CachedPromptTokens : 0,
                QueueTime = first ? QueueTime : TimeSpan.Zero,
                PromptLogProbs = first ? PromptLogProbs : null,
            },
            text is null,
            hidden));
        if (finish is not null) output.Writer.TryComplete();
    }

    /// <summary>Ends the stream with an error; false where it had ended already.</summary>
    public bool Fail(Exception exception) => output.Writer.TryComplete(exception);
}
