using System.Text.Json;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Runtime.Evaluation;

/// <summary>Reads the cases of an evaluation.</summary>
internal static class GoldenSet
{
    private const int MaxCases = 10_000;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <exception cref="EvaluationException">A case is malformed, or there is none.</exception>
    public static IReadOnlyList<EvaluationCase> Read(EvaluateArguments arguments)
    {
        IReadOnlyList<EvaluationCase> cases = arguments.Golden is { } path ? ReadFile(path) : Parse<EvaluationCase[]>(arguments.Cases ?? "", "--cases");
        for (var i = 0; i < cases.Count; i++)
        {
            if (string.IsNullOrEmpty(cases[i].Prompt)) throw new EvaluationException($"case {i + 1} has no prompt");
            if (cases[i].Expected is null && arguments.Metric != EvaluationMetric.Cosine) throw new EvaluationException($"case {i + 1} has no expected answer, which {arguments.Metric} needs");
        }

        return cases.Count switch
        {
            0 => throw new EvaluationException("the golden set has no cases"),
            > MaxCases => throw new EvaluationException($"the golden set has {cases.Count} cases; at most {MaxCases} are run"),
            _ => cases,
        };
    }

    private static List<EvaluationCase> ReadFile(string path)
    {
        try
        {
            return [.. File.ReadLines(path).Index().Where(line => !string.IsNullOrWhiteSpace(line.Item)).Select(line => Parse<EvaluationCase>(line.Item, $"line {line.Index + 1}"))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EvaluationException($"the golden set {Path.GetFileName(path)} cannot be read: {e.Message}", e);
        }
    }

    private static T Parse<T>(string json, string where)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options) ?? throw new EvaluationException($"{where} is null; expected {{\"prompt\":…,\"expected\":…}}");
        }
        catch (JsonException e)
        {
            // The parser's message names a position, not the text.
            throw new EvaluationException($"{where} is no {{\"prompt\":…,\"expected\":…}}: {e.Message}", e);
        }
    }
}
