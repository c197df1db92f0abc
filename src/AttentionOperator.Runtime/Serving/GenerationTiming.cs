using AttentionOperator.Runtime.Metrics;

namespace AttentionOperator.Runtime.Serving;

/// <summary>Phases of one generation request as offsets from its arrival; reported once at the end.</summary>
internal sealed class GenerationTiming(RequestScope scope, RuntimeMetrics metrics)
{
    private TimeSpan _submitted;
    private TimeSpan _queue;
    private TimeSpan? _first;
    private TimeSpan _last;

    public void Submitted() => _submitted = scope.Elapsed;

    public void Token(TimeSpan queueTime)
    {
        _last = scope.Elapsed;
        if (_first is not null) return;
        _first = _last;
        _queue = queueTime < _last - _submitted ? queueTime : _last - _submitted;
        metrics.TimeToFirstToken.Observe(_last.TotalSeconds);
        metrics.Queue.Observe(_queue.TotalSeconds);
        metrics.Prefill.Observe((_last - _submitted - _queue).TotalSeconds);
    }

    public void Finished(Usage usage, int choices)
    {
        metrics.InputTokens.Observe(usage.PromptTokens);
        metrics.OutputTokens.Observe(usage.CompletionTokens);
        if (_first is not { } first) return;
        var decode = _last - first;
        metrics.Decode.Observe(decode.TotalSeconds);
        var perChoice = usage.CompletionTokens / (double)Math.Max(1, choices);
        if (perChoice > 1) metrics.TimePerOutputToken.Observe(decode.TotalSeconds / (perChoice - 1));
        var trace = scope.Trace;
        trace.Child("queue", _submitted, _submitted + _queue);
        trace.Child("prefill", _submitted + _queue, first);
        trace.Child("decode", first, _last);
        trace.Child("detokenize", _last, scope.Elapsed);
        trace.Tag("gen_ai.usage.input_tokens", usage.PromptTokens);
        trace.Tag("gen_ai.usage.output_tokens", usage.CompletionTokens);
        trace.Tag("gen_ai.usage.cache_read.input_tokens", usage.CachedTokens);
        trace.Tag("gen_ai.response.time_to_first_chunk", first.TotalSeconds);
    }
}
