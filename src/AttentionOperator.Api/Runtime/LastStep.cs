using System.Text.Json;

namespace AttentionOperator.Api.Runtime;

/// <summary>
/// The step that a runtime computes, as it leaves it at its termination message path while it runs: what is there when the kernel ends the process without asking. One JSON line
/// <c>{"step":{"tokens":…,"sequences":…,"longest":…}}</c>.
/// </summary>
/// <param name="Tokens">Tokens that the step computes.</param>
/// <param name="Sequences">Sequences that they are of.</param>
/// <param name="Longest">Tokens of the longest of them, computed ones included.</param>
public sealed record LastStep(int Tokens, int Sequences, int Longest)
{
    /// <summary>Reads a line; null where the text is none.</summary>
    public static LastStep? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("step", out var step) && step.ValueKind == JsonValueKind.Object
                && Number(step, "tokens") is { } tokens && Number(step, "sequences") is { } sequences && Number(step, "longest") is { } longest
                ? new LastStep(tokens, sequences, longest)
                : null;
        }
        catch (JsonException)
        {
            return null; // Another program's last words.
        }
    }

    public override string ToString() => $"a step of {Tokens} tokens of {Sequences} sequences, the longest of {Longest} tokens";

    private static int? Number(JsonElement step, string name) =>
        step.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
}
