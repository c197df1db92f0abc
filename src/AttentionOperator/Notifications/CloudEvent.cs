namespace AttentionOperator.Notifications;

/// <summary>A notification in the structured mode of CloudEvents 1.0.</summary>
internal sealed record CloudEvent
{
    public string Specversion { get; init; } = "1.0";

    /// <summary>The same for the same decision, so that receivers can drop what they have seen.</summary>
    public required string Id { get; init; }

    public required string Source { get; init; }

    public required string Type { get; init; }

    public required string Subject { get; init; }

    public required DateTimeOffset Time { get; init; }

    public string Datacontenttype { get; init; } = "application/json";

    public required RolloutNotice Data { get; init; }
}
