using System.Text.Json;
using System.Text.Json.Serialization;

namespace AttentionOperator.Api.Runtime;

/// <summary>What an evaluation leaves at its termination message path: one line of JSON.</summary>
public sealed record EvaluationReport
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Mean over the cases, 0 to 1; for Perplexity the perplexity, at least 1.</summary>
    public required double Score { get; init; }

    /// <summary>The same of the stable revision; null where there was none to ask.</summary>
    public double? StableScore { get; init; }

    /// <summary>Share of cases that both revisions answer alike, 0 to 1; for embeddings the mean cosine, -1 to 1.</summary>
    public double? Parity { get; init; }

    public required int Cases { get; init; }

    /// <summary>Cases that the revision answered with an error, or not in time; they count as nothing right.</summary>
    public int Unanswered { get; init; }

    public string? Tokenizer { get; init; }

    public string? StableTokenizer { get; init; }

    public string ToLine() => JsonSerializer.Serialize(this, Options);

    /// <summary>Reads a report; null where the text is none.</summary>
    public static EvaluationReport? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<EvaluationReport>(text, Options) is { Cases: > 0 } report && double.IsFinite(report.Score) ? report : null;
        }
        catch (JsonException)
        {
            return null; // Another program's last words.
        }
    }
}
