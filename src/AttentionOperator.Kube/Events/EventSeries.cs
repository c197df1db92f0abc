namespace AttentionOperator.Kube.Events;

/// <summary>One event object and how often it happened.</summary>
internal sealed class EventSeries(string name, EventNote note, string message, DateTimeOffset first)
{
    public string Name { get; } = name;

    public EventNote Note { get; } = note;

    public string Message { get; } = message;

    public DateTimeOffset First { get; } = first;

    public DateTimeOffset Last { get; set; } = first;

    public int Count { get; set; } = 1;
}
