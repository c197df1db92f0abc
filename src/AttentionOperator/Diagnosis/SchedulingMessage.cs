using System.Globalization;
using System.Text.RegularExpressions;
using AttentionOperator.Children;
using k8s.Models;

namespace AttentionOperator.Diagnosis;

/// <summary>Says in order what the scheduler misses: which resource, on how many nodes, and how much of it a replica asks for. Pure.</summary>
internal static partial class SchedulingMessage
{
    private const string Insufficient = "Insufficient ";

    /// <summary>The scheduler's message in words of the model's spec; as it is where it has another form.</summary>
    public static string Explain(V1Pod pod, string? message)
    {
        if (message is null || Form().Match(message) is not { Success: true } match)
        {
            return message ?? "the scheduler gives no reason";
        }

        var total = match.Groups["total"].Value;
        var causes = Cause().Matches(match.Groups["causes"].Value)
            .Select(cause => (Count: int.Parse(cause.Groups["count"].Value, CultureInfo.InvariantCulture), Text: cause.Groups["text"].Value.Trim()))
            .OrderByDescending(cause => cause.Text.StartsWith(Insufficient, StringComparison.Ordinal))
            .ThenByDescending(cause => cause.Count)
            .Select(cause => Describe(pod, cause.Count, cause.Text, total));
        return $"no node of {total} fits: {string.Join("; ", causes)}";
    }

    private static string Describe(V1Pod pod, int count, string text, string total)
    {
        if (!text.StartsWith(Insufficient, StringComparison.Ordinal))
        {
            return $"{count} {text}";
        }

        var resource = text[Insufficient.Length..];
        var asked = pod.Spec?.Containers.FirstOrDefault(container => container.Name == PodTemplate.ContainerName)?.Resources?.Requests is { } requests && requests.TryGetValue(resource, out var amount)
            ? $" (a replica asks for {amount})"
            : "";
        return $"{count} of {total} have too little free {resource}{asked}";
    }

    [GeneratedRegex(@"^0/(?<total>\d+) nodes are available: (?<causes>.*?)\.(\s+(preemption|no new claims)\b.*)?\s*$", RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Form();

    // Texts hold commas of their own (taints, affinity): a new cause begins with a number.
    [GeneratedRegex(@"(?<count>\d+) (?<text>.*?)(?=, \d+ |$)", RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Cause();
}
