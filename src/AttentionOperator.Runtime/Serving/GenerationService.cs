using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.Http;
using AttentionOperator.Runtime.Metrics;
using AttentionOperator.Runtime.OpenAi;

namespace AttentionOperator.Runtime.Serving;

/// <summary>Runs a generation job and answers with it, at once or as a stream.</summary>
internal sealed class GenerationService(RuntimeMetrics metrics)
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);

    public async Task AnswerAsync(RequestScope scope, GenerationJob job, AnswerFormat format)
    {
        var options = job.Options;
        var shortened = job.Prompts.Select(p => p.Shortened).FirstOrDefault(s => s is not null);
        if (shortened is not null) scope.Context.Response.Headers[HeaderNames.Truncated] = shortened.HeaderValue;
        var answer = new Answer(
            options.Continuation?.Id ?? format.NewId(scope.RequestId),
            options.Continuation?.Created ?? scope.Clock.GetUtcNow().ToUnixTimeSeconds(),
            options.Model,
            scope.Model,
            shortened);
        Tag(scope, options, answer);
        if (options.Stream) await StreamAsync(scope, job, format, answer);
        else await RespondAsync(scope, job, format, answer);
    }

    private async Task RespondAsync(RequestScope scope, GenerationJob job, AnswerFormat format, Answer answer)
    {
        var usage = job.Spent;
        var choices = new ChoiceDelta?[job.Prompts.Count * job.Options.N];
        await foreach (var delta in DeltasAsync(scope, job, usage, ids: false)) choices[delta.Index] = choices[delta.Index] is { } so ? Append(so, delta) : delta;
        scope.Cancelled.ThrowIfCancellationRequested();
        scope.Trace.Tag("gen_ai.response.finish_reasons", choices.Select(c => c!.FinishReason).ToArray());
        await JsonText.WriteAsync(scope.Context, writer => format.WriteAnswer(writer, answer, choices!, usage));
    }

    private async Task StreamAsync(RequestScope scope, GenerationJob job, AnswerFormat format, Answer answer)
    {
        var usage = job.Spent;
        using var stream = new SseStream(scope.Context);
        scope.Stream = stream;
        // A continuation is possible only where ids and text alone tell the whole state of the answer.
        var ids = scope.Caller.IsInternal && job.Prompts.Count == 1 && job.Options.N == 1 && job.ToolCalls == ToolCallFormat.None && job.Prompts[0].Shortened?.Chunks is null or 1;
        var deltas = Idle.WithPings(DeltasAsync(scope, job, usage, ids), PingInterval, scope.Clock, () => stream.PingAsync(scope.Cancelled));
        await foreach (var delta in deltas)
        {
            await stream.WriteAsync(static (writer, state) => state.format.WriteChunk(writer, state.answer, state.delta, state.usage), (format, answer, delta, usage: job.Options.IncludeUsage), scope.Cancelled);
        }

        scope.Cancelled.ThrowIfCancellationRequested();
        if (job.Options.IncludeUsage)
        {
            await stream.WriteAsync(static (writer, state) => state.format.WriteUsageChunk(writer, state.answer, state.usage), (format, answer, usage), scope.Cancelled);
        }

        await stream.DoneAsync(scope.Cancelled);
    }

    private async IAsyncEnumerable<ChoiceDelta> DeltasAsync(RequestScope scope, GenerationJob job, Usage usage, bool ids)
    {
        var requests = Requests(scope, job);
        var model = scope.Model;
        var marker = ToolCallFormats.MarkerOf(job.ToolCalls) is { } text && model.Tokenizer.IdOf(text) is { } id && model.Tokenizer.IsSpecial(id) ? id : (int?)null;
        var resumed = job.Options.Continuation;
        var states = new ChoiceState[requests.Count];
        for (var i = 0; i < states.Length; i++) states[i] = new ChoiceState(i, job.ToolCalls, marker, job.Options.LogProbs is not null, ids, resumed is not null, job.ForcedCall?.Marker);
        usage.PromptTokens += job.Prompts.Sum(p => p.Ids.Length);
        usage.CompletionTokens += resumed?.TokenIds.Length ?? 0;
        var captured = scope.CapturesContent ? new string[requests.Count] : null;
        var timing = new GenerationTiming(scope, metrics);
        timing.Submitted();
        try
        {
            await foreach (var (choice, item) in ChoiceEvents.RunAsync(model.Generation!, requests, scope.Cancelled))
            {
                if (item.Finish == FinishReason.Deadline) throw RequestScope.DeadlinePassed();
                timing.Token(item.QueueTime);
                var state = states[choice];
                var prompt = choice / job.Options.N;
                if (state.Tokens == 0) usage.CachedTokens += item.CachedPromptTokens;
                if (state.Tokens == 0 && job.Echo is { } echo)
                {
                    var prefix = state.Prefix(echo[prompt], item.PromptLogProbs);
                    if (job.Budgets[prompt] == 0)
                    {
                        prefix.FinishReason = "length";
                        yield return prefix;
                        continue;
                    }

                    yield return prefix;
                }
                else if (job.Budgets[prompt] == 0)
                {
                    continue;
                }

                if (item.TokenId >= 0) usage.CompletionTokens++;
                if (state.Push(item, item.Finish == FinishReason.Stop && requests[choice].StopIds.Contains(item.TokenId)) is { } delta)
                {
                    if (captured is not null) captured[choice] += delta.Text;
                    if (delta.FinishReason is not null) metrics.Finished.WithLabels(delta.FinishReason).Inc();
                    yield return delta;
                }
            }
        }
        finally
        {
            timing.Finished(usage, requests.Count);
            if (captured is not null) scope.Trace.Tag("gen_ai.output.messages", JsonSerializer.Serialize(captured.Select(text => new { role = "assistant", content = text })));
        }
    }

    private static List<GenerationRequest> Requests(RequestScope scope, GenerationJob job)
    {
        var options = job.Options;
        var stopIds = options.IgnoreEndTokens ? options.StopTokenIds : [.. scope.Model.EndTokenIds, .. options.StopTokenIds];
        var requests = new List<GenerationRequest>(job.Prompts.Count * options.N);
        int[] generated = options.Continuation?.TokenIds ?? [];
        var ticket = scope.Admit([.. job.Prompts.SelectMany(p => Enumerable.Repeat<ReadOnlyMemory<int>>(generated.Length == 0 ? p.Ids : (int[])[.. p.Ids, .. generated], options.N))]);
        for (var p = 0; p < job.Prompts.Count; p++)
        {
            for (var k = 0; k < options.N; k++)
            {
                requests.Add(new GenerationRequest
                {
                    Id = FormattableString.Invariant($"{scope.RequestId}-{requests.Count}"),
                    PromptIds = job.Prompts[p].Ids,
                    GeneratedIds = generated,
                    // Scoring a prompt needs one step; its token is dropped.
                    MaxTokens = Math.Max(1, job.Budgets[p]),
                    MinTokens = options.MinTokens,
                    Sampling = options.Sampling.Seed is { } seed ? options.Sampling with { Seed = unchecked(seed + k) } : options.Sampling,
                    Priority = scope.Caller.Priority,
                    Deadline = scope.Caller.Deadline,
                    StopIds = stopIds,
                    StopStrings = options.Stop,
                    LogProbs = options.LogProbs,
                    PromptLogProbs = job.Echo is not null && options.LogProbs is not null,
                    JsonSchema = job.ForcedCall?.JsonSchema ?? options.JsonSchema,
                    CacheNamespace = scope.CacheNamespace(options.CacheSalt),
                    Ticket = ticket,
                });
            }
        }

        return requests;
    }

    private static ChoiceDelta Append(ChoiceDelta so, ChoiceDelta more)
    {
        so.Text += more.Text;
        so.LogProbs?.AddRange(more.LogProbs ?? []);
        so.FinishReason = more.FinishReason;
        so.ToolCalls = more.ToolCalls;
        return so;
    }

    private static void Tag(RequestScope scope, GenerationOptions options, Answer answer)
    {
        if (scope.Span is null) return;
        var trace = scope.Trace;
        trace.Tag("gen_ai.response.id", answer.Id);
        trace.Tag("gen_ai.response.model", scope.Model.Name);
        trace.Tag("gen_ai.request.max_tokens", options.MaxTokens);
        trace.Tag("gen_ai.request.temperature", options.Sampling.Temperature);
        trace.Tag("gen_ai.request.top_p", options.Sampling.TopP);
        trace.Tag("gen_ai.request.seed", options.Sampling.Seed);
        trace.Tag("gen_ai.request.choice.count", options.N);
        trace.Tag("gen_ai.request.stream", options.Stream);
    }
}
