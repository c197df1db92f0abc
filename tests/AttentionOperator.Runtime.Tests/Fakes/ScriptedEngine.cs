using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Runtime.Tests.Fakes;

/// <summary>Generates what a function of the request says, one byte per token; a test decides when each token comes.</summary>
internal sealed class ScriptedEngine(ByteTokenizer tokenizer, Func<GenerationRequest, string> answer) : IGenerationEngine
{
    private int _running;

    public ConcurrentQueue<GenerationRequest> Requests { get; } = new();

    /// <summary>Awaited before each token (with its number, from 0).</summary>
    public Func<GenerationRequest, int, CancellationToken, Task>? BeforeToken { get; set; }

    /// <summary>Thrown for a request instead of an answer.</summary>
    public Func<GenerationRequest, Exception?>? Refuse { get; set; }

    /// <summary>Called when a generation has ended in any way.</summary>
    public Action<GenerationRequest>? OnEnded { get; set; }

    public int Running => Volatile.Read(ref _running);

    public EngineState State => EngineState.Running;

    public EngineStatistics Statistics => new() { Running = Running, BlocksTotal = 100, BlocksUsed = Running, Waiting = [1, 2, 3] };

    public Task<DrainReport> DrainAsync(TimeSpan grace, CancellationToken cancellationToken = default) => Task.FromResult(new DrainReport(0, [], []));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Requests.Enqueue(request);
        if (Refuse?.Invoke(request) is { } refusal) throw refusal;
        Interlocked.Increment(ref _running);
        try
        {
            var ids = tokenizer.Encode(answer(request), addSpecialTokens: false).Ids.Append(ByteTokenizer.End).ToArray();
            var decoder = tokenizer.CreateStreamDecoder();
            foreach (var id in request.GeneratedIds) decoder.Push(id);
            for (var i = request.GeneratedIds.Length; i < ids.Length; i++)
            {
                if (BeforeToken is not null) await BeforeToken(request, i, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                var id = ids[i];
                var stop = request.StopIds.Contains(id);
                var length = !stop && i + 1 >= request.MaxTokens;
                yield return new GenerationEvent
                {
                    TokenId = id,
                    Text = decoder.Push(id) + (stop || length ? decoder.Flush() : ""),
                    Finish = stop ? FinishReason.Stop : length ? FinishReason.Length : null,
                    LogProb = request.LogProbs is { } top ? new TokenLogProb(id, -0.5f, [.. Enumerable.Range(0, top).Select(k => (k, -1f - k))]) : null,
                    PromptLogProbs = request.PromptLogProbs && i == 0 ? [null, .. request.PromptIds.Skip(1).Select(p => new TokenLogProb(p, -0.25f, []))] : null,
                    CachedPromptTokens = i == 0 ? 2 : 0,
                };
                if (stop || length) yield break;
            }

            throw new InvalidOperationException("The script ended before the request did.");
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            OnEnded?.Invoke(request);
        }
    }
}
