namespace AttentionOperator.Rollouts;

/// <summary>An action that was asked for by annotation: <c>verb[=argument]@token</c>.</summary>
internal sealed record RolloutAction(string Text, string Verb, string? Argument)
{
    public static RolloutAction? Parse(string? annotation)
    {
        var text = annotation?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var at = text.IndexOf('@', StringComparison.Ordinal);
        var action = at < 0 ? text : text[..at];
        var equals = action.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? new RolloutAction(text, action, null) : new RolloutAction(text, action[..equals], action[(equals + 1)..]);
    }
}
