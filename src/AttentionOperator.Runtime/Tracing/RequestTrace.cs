using System.Diagnostics;

namespace AttentionOperator.Runtime.Tracing;

/// <summary>Child spans of a request, written when their ends are known.</summary>
internal readonly record struct RequestTrace(Activity? Span)
{
    /// <summary>Adds a child that lasted from one offset of the request to another.</summary>
    public void Child(string name, TimeSpan from, TimeSpan to)
    {
        if (Span is null) return;
        var start = Span.StartTimeUtc;
        using var child = RuntimeTracing.Source.StartActivity(name, ActivityKind.Internal, Span.Context, startTime: start + from);
        child?.SetEndTime(start + (to > from ? to : from));
    }

    public void Tag(string name, object? value) => Span?.SetTag(name, value);
}
