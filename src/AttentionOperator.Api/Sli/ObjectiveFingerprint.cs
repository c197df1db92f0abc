using System.Globalization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;

namespace AttentionOperator.Api.Sli;

/// <summary>The text that <see cref="ObjectiveSli.Definition"/> holds for an objective of the spec.</summary>
public static class ObjectiveFingerprint
{
    public static string Of(ObjectiveSpec objective)
    {
        ArgumentNullException.ThrowIfNull(objective);
        var threshold = Durations.TryParse(objective.Threshold, out var value) ? value : TimeSpan.Zero;
        return Of(objective.Type, threshold);
    }

    /// <summary>The same for an objective that was already read: gateway and operator must write one text, or evidence would be dropped.</summary>
    public static string Of(ObjectiveType type, TimeSpan threshold) =>
        string.Create(CultureInfo.InvariantCulture, $"{type}/{threshold.TotalMilliseconds:F0}ms");
}
