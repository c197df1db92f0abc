using System.Text;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.OpenAi;

namespace AttentionOperator.Runtime.Serving;

/// <summary>
/// Map-reduce for a document that is longer than the cap: the same request is answered for overlapping chunks of the document,
/// and the answers, joined, take the document's place, until it fits.
/// </summary>
internal sealed class ChunkedGeneration(PromptEncoder encoder)
{
    private const int MaxChunks = 64;
    private const int MaxRounds = 4;

    /// <summary>Ids that tokenization may gain where a chunk begins and ends.</summary>
    private const int Margin = 8;

    /// <param name="scope">The request.</param>
    /// <param name="options">Its options; sampling and stops apply to every part.</param>
    /// <param name="document">The text that is too long.</param>
    /// <param name="render">Ids of the whole prompt with another text in the document's place.</param>
    /// <param name="originalTokens">Tokens of the whole prompt with the document.</param>
    /// <param name="param">Field at fault where it cannot be done.</param>
    /// <param name="spent">Tokens that the parts cost are added here.</param>
    public async Task<Prompt> ReduceAsync(
        RequestScope scope, GenerationOptions options, string document, Func<string, int[]> render, int originalTokens, string param, Usage spent)
    {
        var cap = scope.Model.MaxInputTokens;
        var chunks = 0;
        var size = 0;
        for (var round = 0; round < MaxRounds; round++)
        {
            var parts = await encoder.RunAsync(scope, tokenizer =>
            {
                var overhead = render("").Length;
                size = cap - overhead - Margin;
                if (size < 2 * Margin) throw TokenCaps.InputTooLong(originalTokens, cap, param);
                var text = tokenizer.Encode(document, addSpecialTokens: false);
                var ranges = TokenCaps.Chunks(text.Ids.Length, size, size / 8);
                if (ranges.Count > MaxChunks) throw TokenCaps.InputTooLong(originalTokens, Math.Min(cap * MaxChunks, int.MaxValue / 2), param);
                return ranges.Select(r => render(Cut(document, text.Offsets, r.Start, r.Length))).ToList();
            });
            chunks = Math.Max(chunks, parts.Count);
            foreach (var part in parts)
            {
                if (part.Length > cap) throw TokenCaps.InputTooLong(originalTokens, cap, param);
            }

            document = await MapAsync(scope, options, parts, Math.Max(Margin, size / 4), spent);
            var ids = await encoder.RunAsync(scope, _ => render(document));
            if (ids.Length <= cap) return new Prompt(ids, new Shortening(TooLongPolicy.Chunk, originalTokens, size, chunks));
        }

        throw TokenCaps.InputTooLong(originalTokens, cap, param);
    }

    /// <summary>The part of a text that a range of its tokens covers.</summary>
    public static string Cut(string text, (int Start, int End)[] offsets, int start, int length)
    {
        if (length == 0) return "";
        var from = start == 0 ? 0 : offsets[start].Start;
        var to = start + length >= offsets.Length ? text.Length : offsets[start + length - 1].End;
        // Tokens of one character share its offsets; never cut a surrogate pair.
        if (from > 0 && from < text.Length && char.IsLowSurrogate(text[from])) from--;
        if (to < text.Length && char.IsLowSurrogate(text[to])) to++;
        return to > from ? text[from..to] : "";
    }

    private static async Task<string> MapAsync(RequestScope scope, GenerationOptions options, List<int[]> parts, int mostTokens, Usage spent)
    {
        var ticket = scope.Admit([.. parts.Select(p => (ReadOnlyMemory<int>)p)]);
        var requests = parts.Select((ids, i) => new GenerationRequest
        {
            Id = FormattableString.Invariant($"{scope.RequestId}-part-{i}"),
            PromptIds = ids,
            MaxTokens = TokenCaps.OutputBudget(mostTokens, scope.Model.PositionsBefore(ids), scope.Model.MaxPositions, scope.Model.MaxOutputTokens, "max_tokens", clampAsked: true),
            Sampling = options.Sampling,
            Priority = scope.Caller.Priority,
            Deadline = scope.Caller.Deadline,
            StopIds = [.. scope.Model.EndTokenIds, .. options.StopTokenIds],
            StopStrings = options.Stop,
            CacheNamespace = scope.CacheNamespace(options.CacheSalt),
            Ticket = ticket,
        }).ToList();
        spent.PromptTokens += parts.Sum(p => p.Length);
        var answers = parts.Select(_ => new StringBuilder()).ToList();
        await foreach (var (part, item) in ChoiceEvents.RunAsync(scope.Model.Generation!, requests, scope.Cancelled))
        {
            if (item.Finish == FinishReason.Deadline) throw RequestScope.DeadlinePassed();
            if (item.TokenId >= 0) spent.CompletionTokens++;
            answers[part].Append(item.Text);
        }

        return string.Join("\n\n", answers.Select(a => a.ToString().Trim()));
    }
}
