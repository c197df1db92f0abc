namespace AttentionOperator.Api.Schema;

/// <summary>The string is a duration of hours, minutes, seconds and milliseconds, such as <c>1h30m</c>, <c>45s</c> or <c>250ms</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : Attribute
{
    /// <summary>Non-negative durations in Go's notation, without the units that nobody configures (us, ns).</summary>
    public const string Pattern = @"^(0|([0-9]+(\.[0-9]+)?(ms|s|m|h))+)$";
}
