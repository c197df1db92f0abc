using k8s.Models;

namespace AttentionOperator.Kube.Conditions;

/// <summary>Rules of status conditions: one per type, lastTransitionTime moves with the status alone, observedGeneration never goes back.</summary>
public static class ConditionList
{
    // The API's limits (metav1.Condition).
    private const int LongestMessage = 32_768;

    /// <summary>Sets a condition; true where the list changed, so that an unchanged status is not written.</summary>
    /// <param name="conditions">The list, usually what the live object says.</param>
    /// <param name="type">PascalCase type.</param>
    /// <param name="status">True, False or Unknown.</param>
    /// <param name="reason">PascalCase reason, not empty.</param>
    /// <param name="message">For people.</param>
    /// <param name="observedGeneration">metadata.generation that the condition is about.</param>
    /// <param name="now">Becomes lastTransitionTime where the status changes; whole seconds, as the API keeps it.</param>
    public static bool Set(IList<V1Condition> conditions, string type, string status, string reason, string message, long? observedGeneration, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentException.ThrowIfNullOrEmpty(reason);
        ArgumentNullException.ThrowIfNull(message);
        if (status is not (ConditionStatus.True or ConditionStatus.False or ConditionStatus.Unknown))
        {
            throw new ArgumentException($"Condition {type} has status '{status}'; True, False or Unknown was expected.", nameof(status));
        }

        string text = message.Length <= LongestMessage ? message : message[..LongestMessage];
        V1Condition? current = Find(conditions, type);
        if (current is null)
        {
            conditions.Add(new V1Condition { Type = type, Status = status, Reason = reason, Message = text, ObservedGeneration = observedGeneration, LastTransitionTime = WholeSeconds(now) });
            return true;
        }

        long? generation = current.ObservedGeneration > observedGeneration ? current.ObservedGeneration : observedGeneration ?? current.ObservedGeneration;
        bool turned = !string.Equals(current.Status, status, StringComparison.Ordinal);
        if (!turned && current.Reason == reason && current.Message == text && current.ObservedGeneration == generation)
        {
            return false;
        }

        // Replaced, not changed: the list may come from a cached object that others read.
        conditions[conditions.IndexOf(current)] = new V1Condition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = text,
            ObservedGeneration = generation,
            LastTransitionTime = turned ? WholeSeconds(now) : current.LastTransitionTime,
        };
        return true;
    }

    public static bool Remove(IList<V1Condition> conditions, string type)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        return Find(conditions, type) is { } found && conditions.Remove(found);
    }

    public static V1Condition? Find(IEnumerable<V1Condition> conditions, string type) =>
        conditions.FirstOrDefault(c => string.Equals(c.Type, type, StringComparison.Ordinal));

    public static bool IsTrue(IEnumerable<V1Condition> conditions, string type) => Find(conditions, type)?.Status == ConditionStatus.True;

    private static DateTime WholeSeconds(DateTimeOffset now) => new(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
}
